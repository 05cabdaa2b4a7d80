#include "cli/commands/all.hpp"
#include "cli/context.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"FUNCTION", Positional::Count::one, "id, name, or account/name"},
};

int run_delete(Context& context, const Arguments& arguments) {
  const Function function =
      context.authority().delete_function(context.actor(arguments), arguments.positionals().front());
  context.out().line(fmt::format("Deleted function {}", function.id));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_function_delete{
    .path = "function delete",
    .aliases = "function rm",
    .summary = "Delete a function and its bytes.",
    .details = "A token's scope to run it stays, and counts for whatever gets this name next.",
    .examples = "caplet function delete deploy",
    .positionals = k_positionals,
    .token = TokenRole::actor,
    .run = run_delete,
};

} // namespace caplet
