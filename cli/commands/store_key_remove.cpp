#include "cli/commands/all.hpp"
#include "cli/context.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"SLOT", Positional::Count::one, "its id: caplet store key list"},
};

int run_remove(Context& context, const Arguments& arguments) {
  const std::string& id = arguments.positionals().front();
  LocalStore& store = context.owners_store();
  store.remove_slot(id, context.unlocking(), context.owners_event());
  context.out().line(fmt::format("Removed key slot {}", id));
  context.err().line("Whoever kept its key and an older copy of the store still opens that copy. If it may be in other "
                     "hands, go on with: caplet store rekey");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_key_remove{
    .path = "store key remove",
    .aliases = "store key rm",
    .summary = "Remove a key file's or passphrase's slot.",
    .details = "The last one stays. Before the slot that is in use goes, another has to open the store: its passphrase "
               "is asked for, or given with --passphrase-file.",
    .examples = "caplet store key remove 0f3c9a52b7d1e846",
    .positionals = k_positionals,
    .run = run_remove,
};

} // namespace caplet
