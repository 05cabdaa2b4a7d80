#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "core/error.hpp"

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
  const std::string reason = arguments.value("reason").value_or("");
  std::optional<Error> last;
  for (const std::string& selector : arguments.positionals()) {
    try {
      context.out().line(fmt::format("Deleted token {}", authority.revoke(actor, selector, reason).id));
    } catch (const Error& e) {
      const bool only_this_one = e.code() == Errc::not_found || e.code() == Errc::ambiguous || e.code() == Errc::usage;
      if (!only_this_one) {
        context.out().flush(); // what was deleted before is said
        throw;
      }
      if (last) {
        context.warn(last->what());
      }
      last = e;
    }
  }
  if (last) {
    context.out().flush();
    throw *last;
  }
  return EXIT_SUCCESS;
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
    .takes_token = true,
    .run = run_delete,
};

} // namespace caplet
