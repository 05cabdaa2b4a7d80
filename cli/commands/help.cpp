#include "cli/help.hpp"

#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/parser.hpp"
#include "cli/suggest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"TOPIC", Positional::Count::any, "a command, or exit-codes"},
};

constexpr std::string_view k_exit_codes = "exit-codes";

int run_help(Context& context, const Arguments& arguments) {
  const std::string topic = fmt::format("{}", fmt::join(arguments.positionals(), " "));
  if (topic == k_exit_codes) {
    context.out().write(exit_codes_help());
  } else if (const Command* command = find_command(topic)) {
    context.out().write(command_help(*command));
  } else if (topic.empty() || is_group(topic)) {
    context.out().write(overview(topic));
  } else {
    std::vector<std::string_view> topics{k_exit_codes};
    for (const Command* each : commands()) {
      topics.push_back(each->path);
    }
    const std::string_view meant = closest(topic, topics);
    throw Error(Errc::usage, fmt::format("no help on \"{}\"", escape(topic, 40)),
                meant.empty() ? "see what there is: caplet help"
                              : fmt::format("did you mean \"caplet help {}\"?", meant));
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_help{
    .path = "help",
    .summary = "Help on a command or a topic (exit-codes).",
    .examples = "caplet help token create\n"
                "caplet help exit-codes",
    .positionals = k_positionals,
    .opens_store = false,
    .run = run_help,
};

} // namespace caplet
