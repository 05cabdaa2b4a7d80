#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/progress_bar.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--key-file", "FILE", "the key file of another slot; may be given more than once", true},
};

int run_rekey(Context& context, const Arguments& arguments) {
  LocalStore& store = context.owners_store();
  Unlocking unlocking = context.unlocking();
  for (const std::string& file : arguments.values("key-file")) {
    unlocking.key_files.push_back(absolute_path(file));
  }
  const StoreFacts facts = store.facts();
  {
    ProgressBar bar(context, "Rekeying");
    store.rekey(unlocking, context.owners_event(), bar.progress());
  }
  context.out().line(fmt::format("Sealed {} records and {} events under a new key", facts.records, facts.events));
  context.err().line("Tokens stay valid. Backups of before open with the old key still.");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_rekey{
    .path = "store rekey",
    .summary = "Give the store a new key, and seal everything anew.",
    .details =
        "For when a key file or passphrase may be in other hands: add a new slot, remove the old one, then rekey. "
        "Every slot that is left is wrapped anew, which takes its key file or passphrase. It is one change: "
        "interrupted, the store is as it was.",
    .examples = "caplet store rekey\n"
                "caplet store rekey --key-file /media/usb/caplet.key",
    .options = k_options,
    .run = run_rekey,
};

} // namespace caplet
