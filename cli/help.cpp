#include "cli/help.hpp"

#include "cli/topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace caplet {
namespace {

std::string option_text(const Option& option) {
  const auto names = split(option.names);
  std::string text = names.front().starts_with("--") ? "    " : "";
  text += fmt::format("{}", fmt::join(names, ", "));
  return option.value.empty() ? text : fmt::format("{} {}", text, option.value);
}

/// An example is never broken: it is there to be copied.
std::string examples_of(const Command& command) {
  std::string out;
  for (const std::string_view example : split(command.examples, '\n')) {
    out += fmt::format("  $ {}\n", example);
  }
  return out;
}

std::string list_of(const std::vector<const Command*>& list, std::size_t width, const Layout& layout) {
  std::string out;
  for (const Command* command : list) {
    out += layout.two_columns(command->path, width, command->summary);
  }
  return out;
}

constexpr std::string_view k_purpose = "Personal access tokens for your own machine and your own services.\n\n";

} // namespace

std::string usage(const Command& command) {
  std::string text = fmt::format("caplet {}", command.path);
  for (const Positional& each : command.positionals) {
    using enum Positional::Count;
    const bool may_lack = each.count == any || each.count == optional;
    const bool repeats = each.count == any || each.count == many;
    text += fmt::format(" {}{}{}{}", may_lack ? "[" : "", each.name, repeats ? "..." : "", may_lack ? "]" : "");
  }
  return text + " [options]";
}

std::string help_of(const Option& option) {
  return option.words.empty() ? std::string(option.help)
                              : fmt::format("{} ({})", option.help, fmt::join(split(option.words), ", "));
}

std::string command_help(const Command& command, const Layout& layout) {
  std::string out = examples_of(command);
  out += out.empty() ? "" : "\n";
  out += layout.wrapped(fmt::format("Usage: {}", usage(command)), 0, 0);
  if (!command.aliases.empty()) {
    out += layout.wrapped(fmt::format("Also:  caplet {}", fmt::join(split(command.aliases), ", caplet ")));
  }
  out += "\n" + layout.wrapped(command.summary);
  if (!command.details.empty()) {
    out += layout.wrapped(command.details);
  }
  const auto options = options_of(command);
  constexpr std::size_t k_widest = 28; // of the left column; what is longer stands on a line of its own
  std::size_t width = 0;
  for (const Option& option : options) {
    const std::size_t length = option_text(option).size();
    width = length <= k_widest ? std::max(width, length) : width;
  }
  for (const Positional& each : command.positionals) {
    width = std::max(width, each.name.size());
  }
  if (!command.positionals.empty()) {
    out += "\nArguments:\n";
    for (const Positional& each : command.positionals) {
      out += layout.two_columns(each.name, width, each.help);
    }
  }
  std::size_t own = command.options.size();
  for (const Option& option : options) {
    if (&option == options.data() || own == 0) { // its own first, then those that it shares
      out += own == 0 && !command.options.empty() ? "\nShared options:\n" : "\nOptions:\n";
    }
    --own; // wraps around: no second heading
    out += layout.two_columns(option_text(option), width, help_of(option));
  }
  return out;
}

std::string overview(std::string_view group, const Layout& layout) {
  std::size_t width = 0;
  std::vector<const Command*> shown;
  for (const Command* command : commands()) {
    if (!command->hidden && (group.empty() || command->path.starts_with(std::string(group) + " "))) {
      shown.push_back(command);
      width = std::max(width, command->path.size());
    }
  }
  if (!group.empty()) {
    std::string out = examples_of(*shown.front());
    out += fmt::format("\nUsage: caplet {} COMMAND [options]\n\nCommands:\n", group);
    out += list_of(shown, width, layout);
    return out + fmt::format("\nMore on one: caplet {} COMMAND --help.\n", group);
  }
  std::string out(k_purpose);
  out += "  $ caplet token create -n ci          a token, shown this once\n"
         "  $ caplet token list                  what there is\n"
         "  $ caplet verify --token -            is the token on standard input valid?\n"
         "  $ caplet token delete ci             it stops working at once\n\n"
         "Usage: caplet COMMAND [options]\n";
  const auto add = [&](std::string_view title, const Section* section) {
    std::vector<const Command*> here;
    std::copy_if(shown.begin(), shown.end(), std::back_inserter(here),
                 [&](const Command* command) { return section_of(*command) == section; });
    if (!here.empty()) {
      out += fmt::format("\n{}:\n", title) + list_of(here, width, layout);
    }
  };
  for (const Section& section : sections()) {
    add(section.title, &section);
  }
  add("Others", nullptr);
  out += "\nTopics (caplet help TOPIC):\n";
  for (const Topic& topic : topics()) {
    out += layout.two_columns(topic.name, width, topic.summary);
  }
  return out + "\nMore on one: caplet COMMAND --help, or man caplet-COMMAND.\n";
}

std::string first_steps() {
  return std::string(k_purpose) + "  $ caplet token create -n ci          your first token, shown this once\n"
                                  "  $ caplet token list                  what there is\n"
                                  "  $ caplet verify --token -            is the token on standard input valid?\n\n"
                                  "Usage: caplet COMMAND [options]\n\n"
                                  "All commands: caplet --help. On one: caplet COMMAND --help.\n";
}

} // namespace caplet
