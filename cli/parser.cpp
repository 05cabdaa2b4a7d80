#include "cli/parser.hpp"

#include "cli/suggest.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"

// CLI11 2.1.2 is not clean of our warnings; the package's headers are system headers to the compiler.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

namespace caplet {
namespace {

/// Whether the option takes a value that stands in the next word (`--color always`).
bool takes_next_word(std::string_view word) {
  for (const Option& option : global_options()) {
    const auto names = split(option.names);
    if (!option.value.empty() && std::find(names.begin(), names.end(), word) != names.end()) {
      return true;
    }
  }
  return false;
}

/// Where the command's words stand: options before and between them are passed over.
struct Path {
  std::vector<std::size_t> at; ///< the last first
  const Command* command = nullptr;
  std::string text;
};

/// The longest run of words, from the first on, that names a command or a group.
Path find_path(const std::vector<std::string>& words) {
  Path path;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with('-')) {
      if (words[i] == "--") {
        break;
      }
      i += takes_next_word(words[i]) ? 1U : 0U;
      continue;
    }
    const std::string longer = path.text.empty() ? words[i] : path.text + " " + words[i];
    const Command* command = find_command(longer);
    if (command == nullptr && !is_group(longer)) {
      break;
    }
    path.command = command;
    path.text = longer;
    path.at.insert(path.at.begin(), i);
    if (command != nullptr && !is_group(longer)) {
      break;
    }
  }
  return path;
}

std::vector<std::string_view> words_behind(std::string_view group) {
  std::vector<std::string_view> words;
  for (const Command* command : commands()) {
    if (command->hidden) {
      continue;
    }
    for (const std::string_view list : {command->path, command->aliases}) {
      for (std::string_view path : split(list)) {
        if (group.empty()) {
          words.push_back(path.substr(0, path.find(' ')));
        } else if (path.starts_with(group) && path.size() > group.size() && path[group.size()] == ' ') {
          words.push_back(path.substr(group.size() + 1));
        }
      }
    }
  }
  return words;
}

/// `ls` is meant in `token ls`: the first command that ends so.
std::string_view with_last_word(std::string_view word) {
  std::vector<std::string_view> last;
  std::vector<std::string_view> paths;
  for (const Command* command : commands()) {
    for (const std::string_view list : {command->path, command->aliases}) {
      for (const std::string_view path : split(command->hidden ? "" : list)) {
        paths.push_back(path);
        last.push_back(path.substr(path.rfind(' ') + 1));
      }
    }
  }
  const std::string_view meant = closest(word, last);
  const auto found = std::find_if(last.begin(), last.end(), [&](auto each) { return each.data() == meant.data(); });
  return found == last.end() ? "" : paths[static_cast<std::size_t>(found - last.begin())];
}

[[noreturn]] void throw_unknown_command(std::string_view group, std::string_view word) {
  std::string_view meant = closest(word, words_behind(group));
  if (meant.empty() && group.empty()) {
    meant = with_last_word(word);
  }
  const std::string space = group.empty() ? "" : std::string(group) + " ";
  throw Error(Errc::usage, fmt::format("unknown command \"{}{}\"", space, escape(word, 40)),
              meant.empty() ? fmt::format("see what there is: caplet {}--help", space)
                            : fmt::format("did you mean \"caplet {}{}\"?", space, meant));
}

[[noreturn]] void throw_unknown_option(const Command& command, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const auto options = options_of(command);
  std::vector<std::string_view> names;
  for (const Option& option : options) {
    for (const std::string_view each : split(option.names)) {
      if (each.starts_with("--")) {
        names.push_back(each);
      }
    }
  }
  const std::string_view meant = closest(name, names);
  throw Error(Errc::usage, fmt::format("unknown option {} for \"caplet {}\"", escape(name, 40), command.path),
              meant.empty() ? fmt::format("see its options: caplet {} --help", command.path)
                            : fmt::format("did you mean {}?", meant));
}

bool looks_like_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

/// One command's row in the table as a CLI11 parser, and what it read.
class OptionParser {
public:
  explicit OptionParser(const Command& command) : m_command(command) {
    m_app.set_help_flag();
    m_app.set_config();
    for (const Option& option : options_of(command)) {
      Slot& slot = m_slots.emplace_back();
      slot.option = option;
      if (option.repeats) { // CLI11 reads `[a,b]` as two values, here alone
        m_app.add_option(std::string(option.names), slot.values)
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      } else if (option.value.empty()) {
        m_app.add_flag(std::string(option.names), slot.given)->disable_flag_override();
      } else {
        m_app.add_option(std::string(option.names), slot.value)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
      }
    }
  }

  OptionParser(const OptionParser&) = delete;
  OptionParser& operator=(const OptionParser&) = delete;
  ~OptionParser() {
    for (std::string& word : m_words) {
      wipe(word);
    }
  }

  Arguments parse(std::vector<std::string> words) {
    m_words = std::move(words);
    if (!m_command.positionals.empty()) {
      // One place for each word that could be a positional: CLI11 would read `[a,b]` as a list where it may be one of
      // several values, and a name may look like that.
      for (std::size_t i = 0; i < m_words.size(); ++i) {
        m_app.add_option(fmt::format("positional-{}", i), m_positionals.emplace_back());
      }
    }
    try {
      m_app.parse(std::vector<std::string>(m_words.rbegin(), m_words.rend())); // last first, as CLI11 wants them
    } catch (const CLI::ParseError& e) {
      refuse(e);
    }
    Arguments arguments;
    for (Slot& slot : m_slots) {
      if (slot.option.value.empty() ? slot.given : m_app.get_option(first_name(slot))->count() > 0) {
        if (!slot.option.repeats) {
          arguments.set(key_of(slot.option), std::move(slot.value));
        }
        for (std::string& value : slot.values) {
          arguments.set(key_of(slot.option), std::move(value));
        }
      }
    }
    std::vector<std::string> given;
    for (std::size_t i = 0; i < m_positionals.size(); ++i) {
      if (m_app.get_option(fmt::format("positional-{}", i))->count() > 0) {
        given.push_back(std::move(m_positionals[i]));
      }
    }
    arguments.set_positionals(std::move(given));
    return arguments;
  }

private:
  struct Slot {
    Option option;
    std::string value;
    std::vector<std::string> values; ///< of an option that repeats
    bool given = false;
  };

  static std::string first_name(const Slot& slot) { return std::string(split(slot.option.names).front()); }

  /// What CLI11 could not place. Its own messages are written for other tools, and could hold a secret.
  [[noreturn]] void refuse(const CLI::ParseError& e) {
    for (const std::string& word : m_app.remaining()) {
      if (looks_like_option(word)) {
        throw_unknown_option(m_command, word);
      }
    }
    const auto left = m_app.remaining();
    if (!left.empty() && dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr) {
      throw Error(Errc::usage, fmt::format("unexpected argument \"{}\"", escape(left.front(), 40)),
                  fmt::format("see how it is used: caplet {} --help", m_command.path));
    }
    for (const Slot& slot : m_slots) {
      const CLI::Option* option = m_app.get_option(first_name(slot));
      if (option->count() > 1 && !slot.option.repeats) {
        throw Error(Errc::usage, fmt::format("--{} is given more than once", key_of(slot.option)), "give it once");
      }
    }
    // CLI11 takes the next word as a value whatever it is, so only the last word can lack one, or `--name=` anywhere.
    // What is left is a flag with a value.
    for (const std::string_view word : m_words) {
      const bool is_last = word.data() == m_words.back().data();
      if (looks_like_option(word) && (word.ends_with('=') || (is_last && word.find('=') == std::string_view::npos))) {
        throw Error(Errc::usage, fmt::format("{} needs a value", escape(word.substr(0, word.find('=')), 40)),
                    fmt::format("see its options: caplet {} --help", m_command.path));
      }
    }
    throw Error(Errc::usage, fmt::format("an option of \"caplet {}\" has a value, and takes none", m_command.path),
                fmt::format("see its options: caplet {} --help", m_command.path));
  }

  const Command& m_command;
  CLI::App m_app;
  std::deque<Slot> m_slots; // addresses stay
  std::deque<std::string> m_positionals;
  std::vector<std::string> m_words;
};

void check_positionals(const Command& command, const Arguments& arguments) {
  const std::size_t given = arguments.positionals().size();
  std::size_t least = 0;
  std::size_t most = 0;
  for (const Positional& each : command.positionals) {
    const bool may_lack = each.count == Positional::Count::any || each.count == Positional::Count::optional;
    const bool repeats = each.count == Positional::Count::any || each.count == Positional::Count::many;
    least += may_lack ? 0 : 1;
    most = repeats ? SIZE_MAX : most + 1;
  }
  if (given < least) {
    throw Error(Errc::usage, fmt::format("{} is missing", command.positionals[given].name),
                fmt::format("see how it is used: caplet {} --help", command.path));
  }
  if (given > most) {
    throw Error(Errc::usage, fmt::format("unexpected argument \"{}\"", escape(arguments.positionals()[most], 40)),
                fmt::format("see how it is used: caplet {} --help", command.path));
  }
}

/// `auto, always or never`
std::string listed(std::vector<std::string_view> words) {
  const std::string_view last = words.back();
  words.pop_back();
  return words.empty() ? std::string(last) : fmt::format("{} or {}", fmt::join(words, ", "), last);
}

/// A value out of a fixed list. `name` is what takes it, `before` what it stands behind.
void check_word(std::string_view name, std::string_view words, const std::string& given, std::string_view before) {
  const auto known = split(words);
  if (std::find(known.begin(), known.end(), given) != known.end()) {
    return;
  }
  const std::string_view meant = closest(given, known);
  throw Error(Errc::usage, fmt::format("{} takes {}, not \"{}\"", name, listed(known), escape(given, 40)),
              meant.empty() ? fmt::format("for example: {} {}", before, known.front())
                            : fmt::format("did you mean {}?", meant));
}

void check_words(const Command& command, const Arguments& arguments) {
  for (const Option& option : options_of(command)) {
    for (const std::string& value :
         option.words.empty() ? std::vector<std::string>() : arguments.values(key_of(option))) {
      check_word(name_of(option), option.words, value, name_of(option));
    }
  }
  std::string before = fmt::format("caplet {}", command.path);
  for (std::size_t i = 0; i < command.positionals.size() && i < arguments.positionals().size(); ++i) {
    const std::string& given = arguments.positionals()[i];
    if (!command.positionals[i].words.empty()) {
      check_word(command.positionals[i].name, command.positionals[i].words, given, before);
    }
    before += " " + escape(given, 40);
  }
  if (arguments.has("output") && arguments.has("json")) {
    throw Error(Errc::usage, "both --output and --json are given", "give one of them");
  }
}

} // namespace

std::optional<std::string> color_choice(const std::vector<std::string>& words) {
  constexpr std::string_view k_name = "--color";
  std::optional<std::string> choice;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == k_name && i + 1 < words.size()) {
      choice = words[i + 1];
    } else if (words[i].starts_with(std::string(k_name) + "=")) {
      choice = words[i].substr(k_name.size() + 1);
    }
  }
  return choice;
}

const Command* find_command(std::string_view path) {
  for (const Command* command : commands()) {
    const auto aliases = split(command->aliases);
    if (command->path == path || std::find(aliases.begin(), aliases.end(), path) != aliases.end()) {
      return command;
    }
  }
  return nullptr;
}

bool is_group(std::string_view word) {
  return std::any_of(commands().begin(), commands().end(), [&](const Command* command) {
    return command->path.starts_with(word) && command->path.size() > word.size() && command->path[word.size()] == ' ';
  });
}

Invocation parse(std::vector<std::string> words) {
  Invocation invocation;
  if (const Command* first = words.empty() ? nullptr : find_command(words.front());
      first != nullptr && first->takes_all_words) {
    words.erase(words.begin());
    invocation.command = first;
    invocation.arguments.set_positionals(std::move(words));
    return invocation;
  }
  const Path path = find_path(words);
  for (const std::size_t at : path.at) {
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  }
  invocation.topic = path.text;
  invocation.command = path.command;
  if (path.command == nullptr) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!words[i].starts_with('-')) {
        throw_unknown_command(path.text, words[i]);
      }
      if (words[i] == "--version" && path.text.empty()) {
        invocation.command = find_command("version");
        return invocation;
      }
      const bool is_help = words[i] == "-h" || words[i] == "--help";
      invocation.help = invocation.help || is_help;
      if (!is_help && !takes_next_word(words[i])) {
        throw Error(Errc::usage, fmt::format("unknown option {}", escape(words[i], 40)),
                    "options stand behind their command; see: caplet --help");
      }
      if (takes_next_word(words[i]) && ++i == words.size()) {
        throw Error(Errc::usage, fmt::format("{} needs a value", words.back()), "see: caplet --help");
      }
    }
    return invocation;
  }
  // CLI11 tells -h the option from -h the value of another: a token may be any text.
  invocation.arguments = OptionParser(*path.command).parse(std::move(words));
  invocation.help = invocation.arguments.has("help");
  if (!invocation.help) {
    check_positionals(*path.command, invocation.arguments);
    check_words(*path.command, invocation.arguments);
  }
  return invocation;
}

} // namespace caplet
