#include "cli/help.hpp"

#include "cli/topics.hpp"
#include "cli/value_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace caplet {
namespace {

std::string option_text(const Option& option) {
  const auto names = split(option.names);
  std::string text = names.front().starts_with("--") ? "    " : "";
  text += fmt::format("{}", fmt::join(names, ", "));
  return option.value.empty() ? text : fmt::format("{} {}", text, option.value);
}

std::string examples_of(const Command& command, const Layout& layout) {
  std::string out;
  for (const std::string_view example : split(command.examples, '\n')) {
    out += layout.command_line(example);
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

constexpr std::array k_steps{
    Row{"caplet token create -n ci", "your first token, shown this once"},
    Row{"caplet token list", "what there is"},
    Row{"echo \"$T\" | caplet verify --token -", "is it valid?"},
    Row{"caplet token delete ci", "it stops working at once"},
};

/// What caplet is, and how to begin.
std::string beginning(const Layout& layout, std::size_t steps) {
  std::string out = layout.wrapped("Personal access tokens for your own machine and your own services.") + "\n";
  constexpr std::size_t k_width = 38;
  for (const Row& step : first_steps().first(steps)) {
    out += layout.two_columns(fmt::format("$ {}", step.name), k_width, step.text);
  }
  return out + "\nUsage: caplet COMMAND [options]\n";
}

} // namespace

std::string usage(const Command& command) {
  const bool runs = runs_another(command);
  std::string text = fmt::format("caplet {}{}", command.path, runs ? " [options] --" : "");
  for (const Positional& each : command.positionals) {
    using enum Positional::Count;
    const bool may_lack = each.count == any || each.count == optional;
    const bool repeats = each.count == any || each.count == many;
    text += fmt::format(" {}{}{}{}", may_lack ? "[" : "", each.name, repeats ? "..." : "", may_lack ? "]" : "");
  }
  return text + (runs ? "" : " [options]");
}

std::string help_of(const Option& option) {
  return option.words.empty() ? std::string(option.help)
                              : fmt::format("{} ({})", option.help, fmt::join(split(option.words), ", "));
}

std::string command_help(const Command& command, const Layout& layout) {
  std::string out = examples_of(command, layout);
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
    std::string out = examples_of(*shown.front(), layout);
    out += fmt::format("\nUsage: caplet {} COMMAND [options]\n\nCommands:\n", group);
    out += list_of(shown, width, layout);
    return out + fmt::format("\nMore on one: caplet {} COMMAND --help.\n", group);
  }
  std::string out = beginning(layout, k_steps.size());
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
  return out + "\n" + layout.wrapped("More on one: caplet COMMAND --help, or man caplet-COMMAND.");
}

std::span<const Row> first_steps() { return k_steps; }

std::string welcome(const Layout& layout) {
  return beginning(layout, 3) + "\n" + layout.wrapped("All commands: caplet --help. On one: caplet COMMAND --help.");
}

} // namespace caplet
