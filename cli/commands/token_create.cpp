#include "cli/commands/all.hpp"
#include "cli/context.hpp"
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
};

constexpr std::string_view k_default_expiry = "90d";

TokenRequest request_from(const Arguments& arguments, Instant now) {
  TokenRequest request;
  const auto name = arguments.value("name");
  if (!name) {
    throw Error(Errc::usage, "the token needs a name", "say what it is for: caplet token create -n ci");
  }
  request.name = *name;
  request.description = arguments.value("description").value_or("");
  check_name(request.name);
  check_description(request.description);
  request.expires_at = parse_expiry(arguments.value("expires").value_or(std::string(k_default_expiry)), now);
  return request;
}

/// The one time that the secret is shown. On a terminal the sentence and the token make one line; apart, the token is
/// alone on standard output.
void show_token(Context& context, const Issued& issued) {
  const bool together = context.out().is_terminal() && context.err().is_terminal();
  const std::string success = styled("Success!", Style::green, context.colors(context.err()));
  context.err().write(together ? success + " Your token: " : success + " Your token is on standard output.\n");
  context.err().flush();
  context.out().line(issued.secret.text());
  context.out().flush();
  const auto& expiry = issued.token.expires_at;
  context.err().line("Shown this once; nobody can recover it.");
  context.err().line(expiry ? fmt::format("Expires:   {}", local_time_and_distance(*expiry, context.now()))
                            : "Expires:   never");
  context.err().line("Check it:  caplet verify --token -");
}

void show_json(Context& context, const Issued& issued, const std::string& account) {
  nlohmann::ordered_json json = to_json(issued.token, account, context.now());
  json["token"] = issued.secret.text();
  std::string text = json_pretty(json);
  context.out().line(text);
  wipe(text);
  wipe(json["token"].get_ref<std::string&>());
  context.out().flush();
}

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

int run_create(Context& context, const Arguments& arguments) {
  const TokenRequest request = request_from(arguments, context.now());
  context.out().require_writable(); // a token that cannot be shown must not be made
  const auto token = acting_token(context, arguments);
  if (token && !context.has_store()) {
    throw Error(Errc::rejected, "the token was rejected: there is no store that could know it",
                "without a token, the first one makes the store: caplet token create -n NAME");
  }
  Authority& authority = token ? context.authority() : context.authority_making_store();
  const Actor actor = context.actor(token);
  const Issued issued = authority.issue(actor, request);
  try {
    if (output_format(k_token_create, arguments) == "json") {
      show_json(context, issued, authority.account_name(issued.token.account));
    } else {
      show_token(context, issued);
    }
  } catch (const BrokenPipe&) {
    take_back(authority, actor, issued.token,
              Error(Errc::output, "the reader of the token has gone away", "create another one"));
  } catch (const Error& e) {
    take_back(authority, actor, issued.token, e);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_create{
    .path = "token create",
    .summary = "Make a token; it is shown this once.",
    .details = "The token alone goes to standard output, the words around it to standard error.",
    .examples = "caplet token create --name my-token --description 'for the javascript sdk'\n"
                "T=$(caplet token create -n ci -e 30d)",
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_create,
};

} // namespace caplet
