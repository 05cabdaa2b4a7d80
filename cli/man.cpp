#include "cli/man.hpp"

#include "cli/completion_scripts.hpp"
#include "cli/help.hpp"
#include "cli/topics.hpp"
#include "cli/value_kind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace caplet {
namespace {

constexpr std::string_view k_date = "November 25, 2026";

/// A character that roff would take for its own.
std::string_view in_roff(char c) {
  switch (c) {
  case '\\':
    return "\\e";
  case '\'':
    return "\\(aq";
  case '`':
    return "\\(ga";
  case '^':
    return "\\(ha";
  case '~':
    return "\\(ti";
  default:
    return {};
  }
}

/// Text as it stands, to be copied: a hyphen is a minus.
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::string_view escaped = in_roff(c);
    out += c == '-' ? "\\-" : escaped.empty() ? std::string(1, c) : std::string(escaped);
  }
  return out;
}

/// Prose: each sentence on a line of its own, as mdoc wants it; what looks like an option keeps its minus.
std::string prose(std::string_view text) {
  constexpr std::size_t k_widest = 78;
  constexpr std::string_view k_ends = ".?!";
  std::string out;
  std::size_t at = 0;
  for (const std::string_view word : split(text, ' ')) {
    std::string escaped = word.starts_with('-') || word.find('/') != std::string_view::npos ? literal(word) : "";
    if (escaped.empty()) {
      for (const char c : word) {
        const std::string_view other = in_roff(c);
        escaped += other.empty() ? std::string(1, c) : std::string(other);
      }
    }
    if (at > 0 && at + 1 + escaped.size() > k_widest) {
      out += '\n';
      at = 0;
    }
    if (at == 0 && (escaped.starts_with('.') || escaped.starts_with('\''))) {
      escaped.insert(0, "\\&");
    }
    out += (at > 0 ? " " : "") + escaped;
    at += escaped.size() + 1;
    if (k_ends.find(word.back()) != std::string_view::npos && word != "...") {
      out += '\n';
      at = 0;
    }
  }
  return out.ends_with('\n') ? out : out + "\n";
}

/// An argument of a macro, quoted where it has blanks, and never taken for a macro itself.
std::string argument(std::string_view text) {
  const std::string escaped = literal(text);
  return escaped.find(' ') == std::string::npos ? "\\&" + escaped : "\"" + escaped + "\"";
}

std::string tagged(std::string_view macro, std::string_view tag, std::string_view text) {
  return fmt::format(".It {} {}\n{}", macro, argument(tag), prose(text));
}

std::string list(std::string_view items) { return fmt::format(".Bl -tag -width Ds\n{}.El\n", items); }

std::string option_item(const Option& option) {
  std::string names;
  for (const std::string_view name : split(option.names)) {
    names += fmt::format("{}Fl {}", names.empty() ? "" : " , ", literal(name.substr(1)));
  }
  if (!option.value.empty()) {
    names += fmt::format(" Ar {}", argument(option.value));
  }
  return fmt::format(".It {}\n{}", names, prose(help_of(option) + "."));
}

std::string page_name(const Command& command) {
  std::string name = fmt::format("caplet-{}", command.path);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string head(const std::string& name, std::string_view what) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string line(what.substr(0, what.find_last_not_of('.') + 1));
  line.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(line.front())));
  return fmt::format(".\\\" Made by ./dev gen from the table of commands: do not edit.\n"
                     ".Dd {}\n.Dt {} 1\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}\n",
                     k_date, title, name, literal(line));
}

std::string variable_items(std::initializer_list<std::string_view> wanted) {
  std::string items;
  for (const Row& row : variables()) {
    if (wanted.size() == 0 || std::find(wanted.begin(), wanted.end(), row.name) != wanted.end()) {
      items += tagged("Ev", row.name, row.text);
    }
  }
  return list(items);
}

std::string file_items() {
  std::string items;
  for (const Row& row : files()) {
    items += tagged("Pa", row.name, row.text);
  }
  return list(items);
}

/// Of a command that has to do with no store.
std::string settings_items(const Command& command) {
  std::string items;
  for (const ShellCompletion& each : shell_completions()) {
    if (command.path == "completion") { // the only one that writes files of others
      items += tagged(
          "Pa", fmt::format("~/{}/{}/{}", each.shell == "fish" ? ".config" : ".local/share", each.directory, each.file),
          fmt::format("What --install writes for {}.", each.shell));
    }
  }
  for (const Row& row : files()) {
    items += row.name.ends_with("/config.toml") ? tagged("Pa", row.name, row.text) : "";
  }
  return list(items);
}

std::string exit_status(const std::vector<Status>& all) {
  std::string items;
  for (const Status& status : all) {
    items += fmt::format(".It {}\n{}", argument(status.number), prose(status.text + "."));
  }
  return ".Sh EXIT STATUS\n" + list(items);
}

std::string examples(const Command& command) {
  return command.examples.empty()
             ? ""
             : fmt::format(".Sh EXAMPLES\n.Bd -literal -offset indent\n{}\n.Ed\n", literal(command.examples));
}

std::string command_page(const Command& command) {
  std::string out = head(page_name(command), command.summary);
  out += fmt::format(".Sh SYNOPSIS\n.Nm caplet {}\n{}", command.path, runs_another(command) ? ".Op Ar options\n" : "");
  for (const Positional& each : command.positionals) {
    using enum Positional::Count;
    const bool may_lack = each.count == any || each.count == optional;
    out += fmt::format(".{}{}Ar {}{}\n", runs_another(command) ? "Fl \\- " : "", may_lack ? "Op " : "",
                       argument(each.name), each.count == many || each.count == any ? " ..." : "");
  }
  out += runs_another(command) ? "" : ".Op Ar options\n";
  out += ".Sh DESCRIPTION\n" + prose(command.summary);
  out += command.details.empty() ? "" : prose(command.details);
  if (!command.aliases.empty()) {
    out += fmt::format(".Pp\nAlso called\n.Ic caplet {} .\n", fmt::join(split(command.aliases), " , caplet "));
  }
  if (!command.positionals.empty()) {
    std::string items;
    for (const Positional& each : command.positionals) {
      items += fmt::format(".It Ar {}\n{}", argument(each.name), prose(std::string(each.help) + "."));
    }
    out += ".Pp\nThe arguments:\n" + list(items);
  }
  std::string items;
  for (const Option& option : options_of(command)) {
    items += option_item(option);
  }
  out += ".Pp\nThe options:\n" + list(items);
  const Section* section = section_of(command);
  const bool is_of_settings = section != nullptr && section->first_words.starts_with("config,");
  out +=
      ".Sh ENVIRONMENT\n" + (is_of_settings ? variable_items({"CAPLET_HOME", "XDG_CONFIG_HOME", "HOME"})
                             : command.token == TokenRole::none ? variable_items({"CAPLET_HOME", "CAPLET_KEY_FILE"})
                             : command.opens_store ? variable_items({"CAPLET_TOKEN", "CAPLET_HOME", "CAPLET_KEY_FILE"})
                                                   : variable_items({"CAPLET_TOKEN"}));
  out +=
      ".Pp\nThe others are in\n.Xr caplet 1 .\n.Sh FILES\n" + (is_of_settings ? settings_items(command) : file_items());
  out += exit_status(statuses(command)) + examples(command);
  return out + ".Sh SEE ALSO\n.Xr caplet 1 ,\n.Xr caplet-store 5 ,\n.Xr caplet-recipes 7 ,\n.Xr caplet-token 7\n";
}

std::string main_page() {
  std::string out = head("caplet", "personal access tokens for your own machine and your own services");
  out += ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Op Ar arguments\n.Sh DESCRIPTION\n";
  out +=
      prose("It makes, lists, verifies and revokes access tokens, from one program over one encrypted file. The first "
            "token makes the store and its key. A token is shown once and kept as a keyed hash. Every command begins "
            "its help with examples: see --help. Options stand behind their command; what follows -- is no option.");
  for (const Section& section : sections()) {
    std::string items;
    for (const Command* command : commands()) {
      if (!command->hidden && section_of(*command) == &section) {
        items += fmt::format(".It Xr {} 1\n{}", page_name(*command), prose(command->summary));
      }
    }
    out += items.empty() ? "" : fmt::format(".Ss {}\n", literal(section.title)) + list(items);
  }
  std::string items;
  for (const Topic& topic : topics()) {
    items += tagged("Cm", topic.name, std::string(topic.summary) + ".");
  }
  out += ".Ss Topics\nWhat\n.Ic caplet help\nknows beside commands:\n" + list(items);
  out += ".Sh ENVIRONMENT\n" + variable_items({}) + ".Sh FILES\n" + file_items();
  out += prose("Where CAPLET_HOME is set, all of them are in that directory.") + exit_status(statuses());
  std::string steps;
  for (const Row& step : first_steps()) {
    steps += fmt::format("{}\n", step.name);
  }
  out += ".Sh EXAMPLES\n.Bd -literal -offset indent\n" + literal(steps) + ".Ed\n.Sh SEE ALSO\n";
  std::vector<std::string> names;
  for (const Command* command : commands()) {
    if (!command->hidden) {
      names.push_back(page_name(*command));
    }
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    out += fmt::format(".Xr {} 1 ,\n", name);
  }
  return out + ".Xr caplet-store 5 ,\n.Xr caplet-recipes 7 ,\n.Xr caplet-token 7\n";
}

} // namespace

std::vector<GeneratedFile> man_pages() {
  std::vector<GeneratedFile> pages{{"caplet.1", main_page()}};
  for (const Command* command : commands()) {
    if (!command->hidden) {
      pages.push_back({page_name(*command) + ".1", command_page(*command)});
    }
  }
  return pages;
}

} // namespace caplet
