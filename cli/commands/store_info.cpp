#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace caplet {
namespace {

int run_info(Context& context, const Arguments& arguments) {
  LocalStore& store = context.owners_store();
  const StoreFacts facts = store.facts();
  const Location& place = context.location();
  const std::size_t slots = store.slots().size();
  if (output_format(k_store_info, arguments) == "json") {
    context.out().line(json_pretty({{"store", place.store.string()},
                                    {"key", place.key.string()},
                                    {"anchor", place.anchor.string()},
                                    {"id", facts.id},
                                    {"format", facts.format},
                                    {"prefix", store.info().prefix},
                                    {"key_slots", slots},
                                    {"rekeyed", facts.epoch},
                                    {"changes", facts.commit},
                                    {"records", facts.records},
                                    {"events", facts.events}}));
    return EXIT_SUCCESS;
  }
  const auto line = [&](std::string_view label, const auto& value) {
    context.out().line(fmt::format("{:<10} {}", label, value));
  };
  line("Store", escape(place.store.string(), 4096));
  line("Key file", escape(place.key.string(), 4096));
  line("Anchor", place.anchor.empty() ? "none" : escape(place.anchor.string(), 4096));
  line("Id", facts.id);
  line("Format", facts.format);
  line("Prefix", store.info().prefix);
  line("Key slots", slots);
  line("Rekeyed", fmt::format("{} times", facts.epoch));
  line("Changes", facts.commit);
  line("Records", facts.records);
  line("Events", facts.events);
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_store_info{
    .path = "store info",
    .summary = "Say where the store is and how much is in it.",
    .examples = "caplet store info\n"
                "caplet store info -o json",
    .formats = "plain,json",
    .run = run_info,
};

} // namespace caplet
