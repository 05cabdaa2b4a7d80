#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/provision.hpp"
#include "cli/secret_view.hpp"
#include "cli/token_options.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-n,--name", "NAME", "what the token is called; one at a time may have a name"},
    Option{"-d,--description", "TEXT", "what it is for"},
    Option{"-e,--expiry,--expires", "WHEN", "12h, 30d, 4w, 2027-01-31, or never (default: 90d)"},
    Option{"-s,--scope", "SCOPE", "what it may do: token:read, orders:*; makes a scoped token; may be repeated", true},
    Option{"-f,--function", "FUNCTION", "the same as --scope run:FUNCTION; may be repeated", true},
    Option{"--not-before", "WHEN", "not valid before: 2h, 2027-01-31T09:00:00Z"},
    Option{"--uses", "N", "valid N times"},
    Option{"--cidr", "NET", "valid from this network: 10.0.0.0/8, fd00::/8; may be repeated", true},
    Option{"-a,--audience", "NAME", "valid for this service; may be repeated", true},
    Option{"--expires-unused", "TIME", "expires when it was not used for so long: 30d"},
    Option{"--meta", "KEY=VALUE", "a note of yours; may be repeated", true},
    Option{"--format", "FORMAT", "jwt: others can verify it offline", false, "opaque,jwt"},
    Option{"--out", "FILE", "write the token to a new file (0600) instead"},
    Option{"--from", "FILE", "a token for each line of JSON, - for standard input; all of them or none"},
    Option{"--dry-run", "", "check it all, and make nothing"},
};

/// Revokes a token that could not be shown, and throws why it could not.
[[noreturn]] void take_back(Authority& authority, const Actor& actor, const Token& token, const Error& why) {
  try {
    authority.withdraw(actor, token);
  } catch (const Error& e) {
    throw Error(why.code(),
                fmt::format("{}; and the token, which nobody has seen, could not be revoked: {}", why.what(), e.what()),
                fmt::format("revoke it: caplet token delete {}", token.id));
  }
  throw Error(why.code(), fmt::format("{}; the token was revoked again", why.what()), why.hint());
}

/// What the claims of a JWT do not say (RFC 7519 has no claim for it) is asked of the store, or of nobody.
void warn_of_limits(Context& context, const Token& token) {
  if (const std::string limits = limits_unseen_offline(token); !limits.empty()) {
    context.warn(fmt::format("who verifies this JWT offline does not see its {}", limits));
    context.hint("caplet verify does; or give it a short life: -e 15m");
  }
}

int run_create(Context& context, const Arguments& arguments) {
  if (arguments.has("from")) {
    return provision(context, arguments);
  }
  TokenRequest request = request_from(arguments, context.now());
  SecretView view(context, output_format(k_token_create, arguments), arguments.value("out"));
  const auto token = acting_token(context, arguments);
  if (token && !context.has_store()) {
    throw Error(Errc::rejected, "the token was rejected: there is no store that could know it",
                "without a token, the first one makes the store: caplet token create -n NAME");
  }
  const auto usual = context.config().value("expires");
  if (usual && !token && !arguments.has("expires")) { // a person's setting: what a token makes is limited by that token
    request.ending = Ending(parse_expiry(*usual, context.now()));
  }
  const bool dry = arguments.has("dry-run");
  if (dry && !context.has_store()) {
    context.err().line("Nothing was made: it would be the first token of a new store.");
    return EXIT_SUCCESS;
  }
  Authority& authority = token || dry ? context.authority() : context.authority_making_store();
  const Actor actor = context.actor(token);
  if (dry) {
    const Token would_be = authority.preview(actor, request);
    warn_of_limits(context, would_be);
    context.err().line(fmt::format("Nothing was made. It would be: {} {}, expires {}", to_string(would_be.kind),
                                   escape(would_be.name), expiry_text(would_be.expires_at)));
    return EXIT_SUCCESS;
  }
  const Issued issued = authority.issue(actor, request);
  warn_of_limits(context, issued.token);
  try {
    view.show(issued, authority.account_name(issued.token.account), "Your token");
  } catch (const Error& e) {
    take_back(authority, actor, issued.token, e);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_create{
    .path = "token create",
    .summary = "Make a token; it is shown this once.",
    .details =
        "The token alone goes to standard output, the words around it to standard error. Without --scope it is a "
        "personal token, which may do all that its account may; with it, a scoped one, which may do that and "
        "nothing else, and makes no tokens. What a token makes is no wider than itself, and goes when it goes. --from "
        "reads one JSON object a line, with the keys name, description, expires, scopes, functions, not_before, uses, "
        "networks, audiences, expires_unused, meta and format, and writes one a line with the record and its token; "
        "the "
        "tokens are good once it has ended with status 0.",
    .examples = "caplet token create --name my-token --description 'for the javascript sdk'\n"
                "T=$(caplet token create -n ci -e 30d)\n"
                "caplet token create -n reader -s orders:read --cidr 10.0.0.0/8\n"
                "caplet token create --from seats.jsonl --out tokens.jsonl",
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_create,
};

} // namespace caplet
