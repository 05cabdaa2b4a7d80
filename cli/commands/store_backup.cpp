#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/progress_bar.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"FILE", Positional::Count::one, "the file to make; one that is there is never replaced"},
};

int run_backup(Context& context, const Arguments& arguments) {
  const std::string& file = arguments.positionals().front();
  LocalStore& store = context.owners_store();
  const CheckReport report = [&] {
    ProgressBar bar(context, "Copying");
    return store.backup(absolute_path(file), bar.progress());
  }();
  if (output_format(k_store_backup, arguments) == "json") {
    context.out().line(
        json_pretty({{"file", file}, {"records", report.records}, {"events", report.events}, {"pages", report.pages}}));
  } else {
    context.out().line(fmt::format("Backed up to {}: {} records, {} events, checked", escape(file, 4096),
                                   report.records, report.events));
    context.err().line("It opens with the same key, which is not in it: keep a copy of that elsewhere.");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_backup{
    .path = "store backup",
    .summary = "Copy the store to a file, and check the copy.",
    .details = "The copy is of one moment, while caplet is in use. It is as private as the store (mode 0600) and opens "
               "with the same key file or passphrase.",
    .examples = "caplet store backup ~/caplet-$(date +%F).db",
    .positionals = k_positionals,
    .formats = "plain,json",
    .run = run_backup,
};

} // namespace caplet
