#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--reason", "TEXT", "why, for the audit log"},
};

constexpr std::array k_positionals{
    Positional{"TOKEN", Positional::Count::many, "id or name"},
};

int run_delete(Context& context, const Arguments& arguments) {
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  // Somebody who revokes a leaked token may well quote it: the token goes, and its secret is left out of the log.
  const std::string reason = redact_tokens(arguments.value("reason").value_or(""));
  check_description(reason, "reason");
  context.out().require_writable(); // before anything is revoked that could then not be told
  int status = EXIT_SUCCESS;
  for (const std::string& selector : arguments.positionals()) {
    try {
      context.out().line(fmt::format("Deleted token {}", authority.revoke(actor, selector, reason).id));
      context.out().flush();
    } catch (const Error& e) {
      if (e.code() != Errc::not_found && e.code() != Errc::ambiguous && e.code() != Errc::usage) {
        throw; // the others would fail, too
      }
      context.report(e);
      status = errc_info(e.code()).exit_status;
    }
  }
  return status;
}

} // namespace

constinit const Command k_token_delete{
    .path = "token delete",
    .aliases = "token revoke,token rm",
    .summary = "Revoke tokens: they stop working at once.",
    .details = "The record stays for the audit (token list --all). A token that is revoked already is no error.",
    .examples = "caplet token delete ci\n"
                "caplet token delete ci --reason 'laptop lost'",
    .positionals = k_positionals,
    .options = k_options,
    .token = TokenRole::actor,
    .run = run_delete,
};

} // namespace caplet
