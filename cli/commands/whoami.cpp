#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--profile", "NAME", "look at this login (default: CAPLET_PROFILE, or default)"},
};

constexpr auto k_soon = std::chrono::days(7);

/// Who acts, and by what.
struct Identity {
  std::optional<SourcedToken> found;
  std::optional<Verdict> verdict; ///< of the token, where there is one
  std::string account;
  std::string kept_in; ///< where the login or the owner's key is
};

Identity identity_of(Context& context, const Arguments& arguments) {
  Identity identity;
  identity.found = find_acting_token(context, arguments);
  Authority& authority = context.authority();
  if (!identity.found) {
    identity.account = authority.owner(::geteuid()).name;
    identity.kept_in = context.location().key.string();
    return identity;
  }
  identity.verdict = authority.verify(identity.found->token.text());
  if (identity.verdict->token) {
    identity.account = authority.account_name(identity.verdict->token->account);
  }
  if (identity.found->is_login) {
    identity.kept_in = context.location().store.string();
  }
  return identity;
}

void print_json(Context& context, const Identity& identity) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  nlohmann::ordered_json json{{"actor", identity.found ? "token" : "owner"},
                              {"valid", !identity.verdict || identity.verdict->valid()},
                              {"reason", identity.verdict ? to_string(identity.verdict->reason) : "ok"},
                              {"account", or_null(identity.account)},
                              {"source", identity.found ? identity.found->source : "the store's key"},
                              {"kept_in", or_null(identity.kept_in)},
                              {"token", nullptr}};
  if (identity.verdict && identity.verdict->token) {
    json["token"] = to_json(*identity.verdict->token, identity.account, context.now());
  }
  context.out().line(json_pretty(json));
}

void print_token(Context& context, const Token& token, const std::string& account) {
  const auto line = [&](std::string_view label, std::string_view value) {
    context.out().line(fmt::format("{:<13}{}", label, value));
  };
  line("Acting as", fmt::format("{} ({})", escape(token.name), token.id));
  line("Account", escape(account));
  line("Kind", token.kind == TokenKind::pat ? "pat (personal)" : "sat (scoped)");
  line("Scopes", token.kind == TokenKind::pat ? "everything" : fmt::format("{}", fmt::join(token.scopes, " ")));
  const auto end = end_of(token);
  line("Expires", end ? local_time_and_distance(*end, context.now()) : "never");
}

void print_plain(Context& context, const Identity& identity) {
  const auto line = [&](std::string_view label, std::string_view value) {
    context.out().line(fmt::format("{:<13}{}", label, value));
  };
  if (!identity.found) {
    line("Acting as", "the owner");
    line("Account", escape(identity.account));
    line("Source", "the store's key");
  } else {
    if (identity.verdict->token) {
      print_token(context, *identity.verdict->token, identity.account);
    } else {
      line("Acting as", "nobody");
    }
    line("Source", identity.found->source);
    line("Valid", identity.verdict->valid() ? "yes" : fmt::format("no: {}", to_string(identity.verdict->reason)));
  }
  if (!identity.kept_in.empty()) {
    line("Kept in", escape(identity.kept_in, 4096));
  }
}

void warn_of_end(Context& context, const Verdict& verdict) {
  const auto end = verdict.valid() ? end_of(*verdict.token) : std::nullopt;
  if (end && *end < context.now() + k_soon) {
    context.warn(fmt::format("the token expires {}", local_time_and_distance(*end, context.now())));
    context.hint(fmt::format("give it a new secret and expiry: caplet token rotate {} -e 90d", verdict.token->id));
  }
}

int run_whoami(Context& context, const Arguments& arguments) {
  const Identity identity = identity_of(context, arguments);
  if (output_format(k_whoami, arguments) == "json") {
    print_json(context, identity);
  } else {
    print_plain(context, identity);
  }
  context.out().flush();
  if (!identity.verdict) {
    return EXIT_SUCCESS;
  }
  warn_of_end(context, *identity.verdict);
  if (identity.verdict->valid()) {
    return EXIT_SUCCESS;
  }
  context.hint(identity.found->is_login ? "log in with a valid one: caplet login; or forget it: caplet logout"
                                        : "give a valid one, or none to act as the owner");
  return errc_info(Errc::rejected).exit_status;
}

} // namespace

constinit const Command k_whoami{
    .path = "whoami",
    .aliases = "status",
    .summary = "Say who acts: the owner, or which token.",
    .details = "It counts as no use of the token. Exit status 4 when the token is not valid (any more).",
    .examples = "caplet whoami\n"
                "caplet whoami -o json | jq -r .token.expires_at",
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_whoami,
};

} // namespace caplet
