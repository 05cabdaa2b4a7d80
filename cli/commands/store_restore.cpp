#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"
#include "store/restore.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"FILE", Positional::Count::one, "what store backup made"},
};

constexpr std::array k_options{
    Option{"--replace", "", "put the store that is there aside; without it, one that is there is left alone"},
};

int run_restore(Context& context, const Arguments& arguments) {
  context.require_owner();
  Event event;
  event.time = context.clock().now();
  event.actor_name = login_name();
  event.os_uid = ::geteuid();
  const auto on_store = arguments.has("replace") ? OnStore::keep_aside : OnStore::refuse;
  const Restored restored =
      restore_store(context.location(), arguments.positionals().front(), on_store, context.unlocking(), event);
  const std::string aside = restored.aside ? restored.aside->string() : "";
  if (output_format(k_store_restore, arguments) == "json") {
    context.out().line(
        json_pretty({{"store", context.location().store.string()},
                     {"records", restored.report.records},
                     {"events", restored.report.events},
                     {"aside", aside.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(aside)}}));
    return EXIT_SUCCESS;
  }
  context.out().line(fmt::format("Restored {}: {} records, {} events, checked",
                                 escape(context.location().store.string(), 4096), restored.report.records,
                                 restored.report.events));
  if (restored.aside) {
    context.err().line(fmt::format("The store that was there is now {}", escape(aside, 4096)));
  }
  context.err().line("Tokens that were revoked after the backup are valid again: caplet token list");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_restore{
    .path = "store restore",
    .summary = "Put a backup in the store's place.",
    .details = "The backup is checked in full before anything is changed, and is only read. With --replace, the store "
               "that is there is kept beside it under another name.",
    .examples = "caplet store restore ~/caplet-2026-11-23.db\n"
                "caplet store restore --replace ~/caplet-2026-11-23.db",
    .positionals = k_positionals,
    .options = k_options,
    .formats = "plain,json",
    .run = run_restore,
};

} // namespace caplet
