#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_source.hpp"
#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-q,--quiet", "", "print nothing; the exit status is the answer"},
};

constexpr std::array k_positionals{
    Positional{"SCOPE", Positional::Count::many, "what is to be done: token:read, run:deploy, orders:write"},
};

/// A question: it uses nothing up, and what is refused is no attempt that the log would keep.
int run_can(Context& context, const Arguments& arguments) {
  Presented presented;
  presented.scopes = checked_scopes(arguments.positionals());
  const auto token = acting_token(context, arguments);
  const auto say = [&](std::string_view text) {
    if (!arguments.has("quiet")) {
      context.out().line(text);
    }
  };
  if (!token) {
    context.authority();
    say("Yes: the owner may do everything");
    return EXIT_SUCCESS;
  }
  const Verdict verdict = context.authority().verify(token->text(), presented);
  if (verdict.valid()) {
    say(fmt::format("Yes: {} ({})", escape(verdict.token->name), verdict.token->id));
    return EXIT_SUCCESS;
  }
  if (verdict.reason != Reason::scope) {
    throw Error(Errc::rejected, fmt::format("the token was rejected: {}", to_string(verdict.reason)),
                "see why: caplet verify --explain");
  }
  for (const std::string& scope : presented.scopes) {
    if (!covers(verdict.token->scopes, scope)) {
      say(fmt::format("No: {} ({}) lacks {}", escape(verdict.token->name), verdict.token->id, scope));
    }
  }
  return errc_info(Errc::refused).exit_status;
}

} // namespace

constinit const Command k_can{
    .path = "can",
    .summary = "Say whether a token may do something.",
    .details =
        "Exit status: 0 yes, 1 no, 4 when the token itself is not valid. Without a token the owner is asked about, "
        "who may do everything. It counts as no use of the token.",
    .examples = "caplet can run:deploy --token - < token.txt\n"
                "CAPLET_TOKEN=$T caplet can -q orders:read orders:write && echo yes",
    .positionals = k_positionals,
    .options = k_options,
    .statuses = "0:yes\n"
                "1:no\n"
                "4:the token itself is not valid",
    .token = TokenRole::actor,
    .run = run_can,
};

} // namespace caplet
