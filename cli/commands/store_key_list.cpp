#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"
#include "cli/token_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

std::string cost_text(const SlotInfo& slot) {
  return slot.kind == KeySlot::Kind::passphrase
             ? fmt::format("Argon2id, {} passes, {} MiB", slot.cost.passes, slot.cost.memory >> 20U)
             : "";
}

void print_json(Context& context, const std::vector<SlotInfo>& slots) {
  auto list = nlohmann::ordered_json::array();
  for (const SlotInfo& slot : slots) {
    list.push_back({{"id", slot.id},
                    {"kind", slot.kind == KeySlot::Kind::passphrase ? "passphrase" : "key_file"},
                    {"created_at", to_json(slot.created_at)},
                    {"in_use", slot.opened_it}});
    if (slot.kind == KeySlot::Kind::passphrase) {
      list.back()["passes"] = slot.cost.passes;
      list.back()["memory"] = slot.cost.memory;
    }
  }
  context.out().line(json_pretty(list));
}

int run_list(Context& context, const Arguments& arguments) {
  const std::vector<SlotInfo> slots = context.owners_store().slots();
  if (output_format(k_store_key_list, arguments) == "json") {
    print_json(context, slots);
    return EXIT_SUCCESS;
  }
  Table table;
  using enum Table::Shrink;
  using enum Table::Rank;
  table.column("ID").column("Kind").column("Created At", never, middle).column("Derivation", allowed, first);
  table.column("In Use", never, last);
  for (const SlotInfo& slot : slots) {
    table.row({{slot.id},
               {std::string(to_string(slot.kind))},
               {slot.created_at ? local_time(*slot.created_at) : "unknown"},
               {cost_text(slot)},
               {slot.opened_it ? "yes" : ""}});
  }
  context.out().write(table.draw({context.utf8(), context.colors(context.out()), terminal_width(context.out())}));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_key_list{
    .path = "store key list",
    .aliases = "store key ls",
    .summary = "List what opens the store.",
    .examples = "caplet store key list",
    .formats = "table,json",
    .run = run_list,
};

} // namespace caplet
