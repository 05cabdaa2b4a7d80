#include "cli/help.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace caplet {
namespace {

constexpr std::size_t k_width = 80;

/// `text` in lines of at most k_width, all but the first indented.
std::string wrapped(std::string_view text, std::size_t first, std::size_t indent) {
  std::string out;
  std::size_t at = first;
  bool fresh = true;
  for (const std::string_view word : split(text, ' ')) {
    if (!fresh && at + 1 + word.size() > k_width) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (!fresh) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    fresh = false;
  }
  return out + "\n";
}

/// `  left    right`, wrapped under right.
std::string two_columns(std::string_view left, std::size_t width, std::string_view right) {
  return fmt::format("  {:<{}}  {}", left, width, wrapped(right, width + 4, width + 4));
}

std::string option_text(const Option& option) {
  const auto names = split(option.names);
  std::string text = names.front().starts_with("--") ? "    " : "";
  text += fmt::format("{}", fmt::join(names, ", "));
  return option.value.empty() ? text : fmt::format("{} {}", text, option.value);
}

std::string usage(const Command& command) {
  std::string text = fmt::format("caplet {}", command.path);
  for (const Positional& each : command.positionals) {
    const bool any = each.count == Positional::Count::any;
    text += fmt::format(" {}{}{}{}", any ? "[" : "", each.name, each.count == Positional::Count::one ? "" : "...",
                        any ? "]" : "");
  }
  return text + " [options]";
}

} // namespace

std::string command_help(const Command& command) {
  std::string out;
  if (!command.examples.empty()) {
    for (const std::string_view example : split(command.examples, '\n')) {
      out += fmt::format("  $ {}\n", example);
    }
    out += "\n";
  }
  out += fmt::format("Usage: {}\n", usage(command));
  if (!command.aliases.empty()) {
    out += fmt::format("Also:  caplet {}\n", fmt::join(split(command.aliases), ", caplet "));
  }
  out += "\n" + wrapped(command.summary, 0, 0);
  if (!command.details.empty()) {
    out += wrapped(command.details, 0, 0);
  }
  const auto options = options_of(command);
  std::size_t width = 0;
  for (const Option& option : options) {
    width = std::max(width, option_text(option).size());
  }
  for (const Positional& each : command.positionals) {
    width = std::max(width, each.name.size());
  }
  if (!command.positionals.empty()) {
    out += "\nArguments:\n";
    for (const Positional& each : command.positionals) {
      out += two_columns(each.name, width, each.help);
    }
  }
  out += "\nOptions:\n";
  for (const Option& option : options) {
    const bool is_format = option.value == "FORMAT";
    const std::string formats = is_format ? fmt::format(" ({})", fmt::join(split(command.formats), ", ")) : "";
    out += two_columns(option_text(option), width, std::string(option.help) + formats);
  }
  return out;
}

std::string overview(std::string_view group) {
  std::string out;
  if (group.empty()) {
    out = "Personal access tokens for your own machine and your own services.\n\n"
          "  $ caplet token create -n ci          a token, shown this once\n"
          "  $ caplet token list                  what there is\n"
          "  $ caplet verify --token -            is the token on standard input valid?\n"
          "  $ caplet token delete ci             it stops working at once\n\n"
          "Usage: caplet COMMAND [options]\n\n";
  } else {
    out = fmt::format("Usage: caplet {} COMMAND [options]\n\n", group);
  }
  out += "Commands:\n";
  std::size_t width = 0;
  for (const Command* command : commands()) {
    width = std::max(width, command->path.size());
  }
  for (const Command* command : commands()) {
    if (group.empty() || command->path.starts_with(std::string(group) + " ")) {
      out += two_columns(command->path, width, command->summary);
    }
  }
  return out + "\nMore on one: caplet COMMAND --help. Exit statuses: caplet help exit-codes.\n";
}

std::string exit_codes_help() {
  std::map<int, std::string> rows{{0, "done, or: the token is valid"}};
  for (const ErrcInfo& info : errc_table()) {
    std::string& row = rows[info.exit_status];
    row += fmt::format("{}{}", row.empty() ? "" : "; ", info.sentence);
  }
  std::string out = "Exit statuses of caplet. A number is never given another meaning.\n\n";
  for (const auto& [status, sentences] : rows) {
    out += two_columns(std::to_string(status), 5, sentences);
  }
  return out + two_columns("128+n", 5, "ended by signal n");
}

} // namespace caplet
