#include "cli/help.hpp"

#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/parser.hpp"
#include "cli/suggest.hpp"
#include "cli/topics.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"TOPIC", Positional::Count::any, "a command, or one of environment, exit-codes, formats, security"},
};

int run_help(Context& context, const Arguments& arguments) {
  const Layout layout = context.layout();
  const std::string name = fmt::format("{}", fmt::join(arguments.positionals(), " "));
  if (const Topic* topic = find_topic(name)) {
    context.out().write(topic->text(layout));
  } else if (const Command* command = find_command(name)) {
    context.out().write(command_help(*command, layout));
  } else if (name.empty() || is_group(name)) {
    context.out().write(overview(name, layout));
  } else {
    std::vector<std::string_view> known;
    for (const Topic& each : topics()) {
      known.push_back(each.name);
    }
    for (const Command* each : commands()) {
      if (!each->hidden) {
        known.push_back(each->path.substr(0, each->path.find(' '))); // of a group, too
        known.push_back(each->path);
      }
    }
    const std::string_view meant = closest(name, known);
    throw Error(Errc::usage, fmt::format("no help on \"{}\"", escape(name, 40)),
                meant.empty() ? "see what there is: caplet help"
                              : fmt::format("did you mean \"caplet help {}\"?", meant));
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_help{
    .path = "help",
    .summary = "Help on a command or a topic.",
    .examples = "caplet help token create\n"
                "caplet help environment",
    .positionals = k_positionals,
    .opens_store = false,
    .run = run_help,
};

} // namespace caplet
