#include "cli/completion.hpp"

#include "cli/command.hpp"
#include "cli/config.hpp"
#include "cli/help.hpp"
#include "cli/parser.hpp"
#include "cli/token_view.hpp"
#include "cli/topics.hpp"
#include "cli/value_kind.hpp"
#include "core/policy.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace caplet {
namespace {

/// What the words before the last have led to.
struct Place {
  const Command* command = nullptr;
  std::string path;              ///< `token`, where it is no command yet
  std::vector<std::string> seen; ///< names of options that were given
  Arguments given;               ///< their values
  bool in_doubt = false;         ///< there is an option that means nothing, here at least
  std::optional<Option> pending; ///< its value is what comes next
  bool options_ended = false;    ///< by `--`
  std::vector<std::string> positionals;
  std::optional<std::size_t> other_command; ///< the word where the command line of another program begins
  bool lost = false;                        ///< a word that means nothing
};

std::vector<Option> options_at(const Place& place) {
  return place.command != nullptr ? options_of(*place.command)
                                  : std::vector<Option>(global_options().begin(), global_options().end());
}

std::optional<Option> find_option(const Place& place, std::string_view name) {
  for (const Option& option : options_at(place)) {
    const auto names = split(option.names);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return option;
    }
  }
  return std::nullopt;
}

const Positional* positional_at(const Place& place) {
  const auto all = place.command->positionals;
  const std::size_t at = place.positionals.size();
  if (at < all.size()) {
    const Positional& here = all[at];
    const bool free = here.count == Positional::Count::optional && kind_of(here) == ValueKind::text;
    return free ? &all[at + 1] : &here; // a name of one's own cannot be completed; what follows can
  }
  return !all.empty() && all.back().count != Positional::Count::one ? &all.back() : nullptr;
}

/// `jwks rotate`, where `jwks` is a command, too.
bool is_longer_path(const std::string& path, const std::string& word) {
  return is_group(path) && find_command(path + " " + word) != nullptr;
}

/// An option's value that begins within its word, at `begins`: `--expires=30d`, `-e30d`, `-qe30d`.
struct Joined {
  Option option;
  std::size_t begins = 0;
};

/// Nothing where the word is of options alone. REQUIRES: it begins with a dash, and is longer. `seen` is told each
/// option, or nothing for a name that is none.
std::optional<Joined> joined_value(const Place& place, std::string_view word,
                                   const std::function<void(const std::optional<Option>&)>& seen) {
  if (word.starts_with("--")) {
    const std::size_t equals = word.find('=');
    const auto option = find_option(place, word.substr(0, equals));
    seen(option);
    return option && equals != std::string_view::npos ? std::optional(Joined{*option, equals + 1}) : std::nullopt;
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto option = find_option(place, std::string{'-', word[i]});
    seen(option);
    if (!option || !option->value.empty()) {
      return option && i + 1 < word.size() ? std::optional(Joined{*option, i + 1}) : std::nullopt;
    }
  }
  return std::nullopt;
}

void read_options(Place& place, const std::string& word) {
  const auto joined = joined_value(place, word, [&](const std::optional<Option>& option) {
    if (!option) {
      place.in_doubt = true;
    } else {
      place.seen.emplace_back(option->names);
      place.pending = option->value.empty() ? std::nullopt : option;
    }
  });
  if (joined) {
    place.given.set(key_of(joined->option), word.substr(joined->begins));
    place.pending.reset();
  }
}

void read_word(Place& place, const std::string& word, std::size_t at) {
  if (place.pending) {
    place.given.set(key_of(*place.pending), word);
    place.pending.reset();
  } else if (word == "--" && !place.options_ended) {
    place.options_ended = true;
  } else if (word.starts_with('-') && word.size() > 1 && !place.options_ended) {
    read_options(place, word);
  } else if (place.command != nullptr && !(place.positionals.empty() && is_longer_path(place.path, word))) {
    const Positional* positional = positional_at(place);
    if (positional != nullptr && kind_of(*positional) == ValueKind::command) {
      place.other_command = at;
    }
    place.positionals.push_back(word);
  } else {
    place.path += (place.path.empty() ? "" : " ") + word;
    place.command = find_command(place.path);
    place.lost = place.command == nullptr && !is_group(place.path);
  }
}

/// The words that may follow in the path of a command; those of a group that is no command itself say what is in it.
std::vector<Candidate> next_words(std::string_view group, bool with_aliases) {
  std::vector<Candidate> words;
  const auto add = [&](std::string_view path, std::string_view text) {
    if (!group.empty()) {
      if (!path.starts_with(std::string(group) + " ")) {
        return;
      }
      path.remove_prefix(group.size() + 1);
    }
    const bool is_last = path.find(' ') == std::string_view::npos;
    const std::string_view word = path.substr(0, path.find(' '));
    const auto known =
        std::find_if(words.begin(), words.end(), [&](const Candidate& each) { return each.value == word; });
    if (known == words.end()) {
      words.push_back({std::string(word), std::string(is_last ? text : path.substr(word.size() + 1))});
    } else if (!is_last &&
               find_command(group.empty() ? known->value : fmt::format("{} {}", group, known->value)) == nullptr) {
      known->text += fmt::format(", {}", path.substr(word.size() + 1));
    }
  };
  for (const Command* command : commands()) {
    if (command->hidden) {
      continue;
    }
    add(command->path, command->summary);
    for (const std::string_view alias : split(with_aliases ? command->aliases : "")) {
      add(alias, command->summary);
    }
  }
  return words;
}

std::vector<Candidate> option_names(const Place& place) {
  std::vector<Candidate> names;
  for (const Option& option : options_at(place)) {
    const bool again =
        option.repeats || std::find(place.seen.begin(), place.seen.end(), option.names) == place.seen.end();
    for (const std::string_view name : split(again ? option.names : "")) {
      names.push_back({std::string(name), help_of(option)});
    }
  }
  if (place.command == nullptr && place.path.empty()) {
    names.push_back({"--version", "print the version"});
  }
  return names;
}

std::vector<Candidate> words_of(std::string_view words) {
  std::vector<Candidate> all;
  for (const std::string_view word : split(words)) {
    const auto formats = output_formats();
    const auto format = std::find_if(formats.begin(), formats.end(), [&](const Row& row) { return row.name == word; });
    const std::string_view text = format == formats.end() ? "" : format->text;
    all.push_back({std::string(word), std::string(text.substr(0, text.find_first_of(".:;")))});
  }
  return all;
}

std::vector<Candidate> fields() {
  std::vector<Candidate> all;
  const auto json = to_json(Token{}, "", Instant{});
  for (const auto& [key, value] : json.items()) {
    all.push_back({key, ""});
  }
  return all;
}

std::vector<Candidate> rules() {
  std::vector<Candidate> all;
  for (const PolicyRule& rule : policy_rules()) {
    all.push_back({std::string(rule.key), std::string(rule.help)});
  }
  return all;
}

std::vector<Candidate> setting_names() {
  std::vector<Candidate> all;
  for (const Setting& each : settings()) {
    all.push_back({std::string(each.key), std::string(each.help)});
  }
  return all;
}

/// All that the setting named before can be, where that is a list.
std::vector<Candidate> setting_words(const Place& place) {
  for (const Setting& each : settings()) {
    if (!place.positionals.empty() && each.key == place.positionals.back()) {
      return words_of(each.words);
    }
  }
  return {};
}

std::vector<Candidate> topic_words(const Place& place) {
  if (!place.positionals.empty()) {
    return {};
  }
  std::vector<Candidate> all = next_words("", false);
  for (const Topic& topic : topics()) {
    all.push_back({std::string(topic.name), std::string(topic.summary)});
  }
  return all;
}

/// What of this kind there is. An example is as good as a list where a person chooses freely.
void add_values(Completion& completion, ValueKind kind, std::string_view words, std::string_view prefix,
                const KnownNames& names, const Place& place) {
  const auto from_store = [&](const auto& ask) {
    completion.candidates = ask && !place.in_doubt ? ask(prefix, place.given) : std::vector<Candidate>();
  };
  switch (kind) {
  case ValueKind::words:
    completion.candidates = words_of(words);
    break;
  case ValueKind::file:
    completion.leave_to_shell = "files";
    break;
  case ValueKind::directory:
    completion.leave_to_shell = "directories";
    break;
  case ValueKind::token:
    from_store(names.tokens);
    break;
  case ValueKind::function:
    from_store(names.functions);
    break;
  case ValueKind::scope:
    from_store(names.scopes);
    break;
  case ValueKind::secret:
    completion.candidates = {{"-", "read it from standard input"}};
    break;
  case ValueKind::duration:
    completion.candidates = {{"15m", "15 minutes"}, {"1h", "1 hour"}, {"8h", "8 hours"}, {"7d", "7 days"}};
    break;
  case ValueKind::expiry:
    completion.candidates = {
        {"12h", "12 hours"}, {"7d", "7 days"}, {"30d", "30 days"}, {"90d", "90 days"}, {"never", "no end"}};
    break;
  case ValueKind::time:
    completion.candidates = {{"1h", "1 hour"}, {"24h", "24 hours"}, {"7d", "7 days"}, {"30d", "30 days"}};
    break;
  case ValueKind::field:
    completion.candidates = fields();
    break;
  case ValueKind::topic:
    completion.candidates = topic_words(place);
    break;
  case ValueKind::rule:
    completion.candidates = rules();
    break;
  case ValueKind::key:
    completion.candidates = setting_names();
    break;
  case ValueKind::setting:
    completion.candidates = setting_words(place);
    break;
  case ValueKind::profile:
    from_store(names.profiles);
    break;
  case ValueKind::slot:
    from_store(names.slots);
    break;
  case ValueKind::text:
  case ValueKind::command:
    break;
  }
}

void keep_matching(Completion& completion, std::string_view current) {
  std::erase_if(completion.candidates, [&](const Candidate& each) { return !each.value.starts_with(current); });
}

/// The value in `--name=value`, with the name before it, as the shell has it in one word.
Completion complete_joined(const Place& place, std::string_view current, const Joined& joined,
                           const KnownNames& names) {
  Completion completion;
  if (!joined.option.value.empty()) {
    const std::string_view value = current.substr(joined.begins);
    add_values(completion, kind_of(joined.option), joined.option.words, value, names, place);
    keep_matching(completion, value);
    for (Candidate& each : completion.candidates) {
      each.value.insert(0, current.substr(0, joined.begins));
    }
  }
  return completion;
}

} // namespace

Completion complete(std::span<const std::string> words, const KnownNames& names) {
  if (words.empty()) {
    return {};
  }
  const std::string& current = words.back();
  Place place;
  for (std::size_t i = 0; i + 1 < words.size() && !place.lost && !place.other_command; ++i) {
    read_word(place, words[i], i);
  }
  Completion completion;
  if (place.lost || (place.command != nullptr && place.command->hidden)) {
    return completion;
  }
  if (place.other_command) {
    completion.leave_to_shell = fmt::format("command {}", *place.other_command);
    return completion;
  }
  if (place.pending) {
    add_values(completion, kind_of(*place.pending), place.pending->words, current, names, place);
  } else if (!place.options_ended && current.starts_with('-')) {
    if (const auto joined = joined_value(place, current, [](const auto& /*seen*/) {})) {
      return complete_joined(place, current, *joined, names);
    }
    completion.candidates = option_names(place);
  } else if (place.command == nullptr) {
    completion.candidates = next_words(place.path, false);
    keep_matching(completion, current);
    if (completion.candidates.empty()) {
      completion.candidates = next_words(place.path, true);
    }
  } else if (place.positionals.empty() && is_group(place.path)) {
    completion.candidates = next_words(place.path, false);
  } else if (const Positional* positional = positional_at(place)) {
    const ValueKind kind = kind_of(*positional);
    if (kind == ValueKind::command) {
      completion.leave_to_shell = fmt::format("command {}", words.size() - 1);
    }
    add_values(completion, kind, positional->words, current, names, place);
  }
  keep_matching(completion, current);
  return completion;
}

} // namespace caplet
