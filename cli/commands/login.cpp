#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/prompt.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--profile", "NAME", "keep it under this name, beside others (default: CAPLET_PROFILE, or default)"},
    Option{"--no-verify", "", "keep it without asking this store whether it is valid"},
};

Secret token_to_keep(Context& context, const Arguments& arguments) {
  const bool given = arguments.has("token") || arguments.has("token-file") || arguments.has("token-fd");
  if (!given && context.can_ask(arguments)) {
    return ask_secret("Token: ");
  }
  return given_token(context, arguments);
}

/// The valid token of this string. Throws Error{rejected}.
Token checked(Context& context, const Secret& token) {
  if (!context.has_store()) {
    throw Error(Errc::rejected, "the token was rejected: there is no store here that could know it",
                "to keep a token of another store: --no-verify");
  }
  Authority& authority = context.authority();
  const Verdict verdict = authority.verify(token.text());
  if (!verdict.valid()) {
    authority.note_refusal(verdict, ::geteuid());
    throw Error(Errc::rejected, fmt::format("the token was rejected: {}", to_string(verdict.reason)),
                "see why: caplet verify --explain");
  }
  return *verdict.token;
}

int run_login(Context& context, const Arguments& arguments) {
  for (const std::string_view name : {"CAPLET_TOKEN", "CAPLET_TOKEN_FILE"}) {
    if (context.environment()(name)) {
      throw Error(Errc::usage, fmt::format("{} is set, and would go before what is kept", name),
                  fmt::format("unset {}, or leave login out: commands use it as it is", name));
    }
  }
  if (acting_variable(context.environment()) == "CREDENTIALS_DIRECTORY") {
    throw Error(Errc::usage, "caplet.token in CREDENTIALS_DIRECTORY is there, and would go before what is kept",
                "leave login out: commands use it as it is");
  }
  const std::string profile = profile_of(context, arguments);
  check_name(profile);
  const Secret token = token_to_keep(context, arguments);
  if (arguments.has("no-verify")) {
    const auto parsed = parse_token(token.text());
    const auto* parts = std::get_if<TokenParts>(&parsed);
    Authority& authority = context.authority_making_store();
    authority.keep_login(authority.owner(::geteuid()), profile, token, parts != nullptr ? parts->id : "");
    context.out().line(fmt::format("Kept as the login \"{}\", unverified", escape(profile)));
    return EXIT_SUCCESS;
  }
  const Token known = checked(context, token);
  Authority& authority = context.authority();
  authority.keep_login(authority.owner(::geteuid()), profile, token, known.id);
  const auto end = end_of(known);
  context.out().line(fmt::format("Logged in as {} ({}), {}", escape(known.name), known.id,
                                 end ? "expires " + local_time_and_distance(*end, context.now()) : "never expires"));
  context.out().flush();
  context.err().line(fmt::format("Kept sealed in {}; commands act as it until: caplet logout",
                                 escape(context.location().store.string(), 4096)));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_login{
    .path = "login",
    .summary = "Keep a token, so that commands act as it.",
    .details =
        "The token is checked first, and kept sealed in the store. Commands use --token, --token-file or "
        "--token-fd before it, then CAPLET_TOKEN, CAPLET_TOKEN_FILE and systemd's caplet.token. What no token may do "
        "(store, jwks rotate, token prune, unlock, doctor) is done as the owner in spite of a login, and that is "
        "said: who opens the store could as well log out. It is refused where the environment gives a token or "
        "names a login (CAPLET_PROFILE).",
    .examples = "caplet login --token \"$T\"\n"
                "echo \"$T\" | caplet login --token - --profile ci\n"
                "CAPLET_PROFILE=ci caplet whoami",
    .options = k_options,
    .token = TokenRole::subject,
    .run = run_login,
};

} // namespace caplet
