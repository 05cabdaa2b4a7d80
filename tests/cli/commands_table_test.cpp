// The table of commands feeds the parser, the help, the manual and completion. Here is what each of them must have.

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/help.hpp"
#include "cli/man.hpp"
#include "cli/parser.hpp"
#include "cli/topics.hpp"
#include "cli/value_kind.hpp"
#include "tests/cli/roff.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path k_source = CAPLET_SOURCE;

std::vector<const Command*> visible() {
  std::vector<const Command*> all;
  std::copy_if(commands().begin(), commands().end(), std::back_inserter(all),
               [](const Command* command) { return !command->hidden; });
  return all;
}

Names names_in_table(const Command& command) {
  Names names;
  for (const Option& option : options_of(command)) {
    for (const std::string_view name : split(option.names)) {
      names.emplace(name);
    }
  }
  return names;
}

Names all_matches(const std::string& text, const std::regex& line, const std::regex& name) {
  Names names;
  std::istringstream in(text);
  for (std::string each; std::getline(in, each);) {
    std::smatch found;
    if (std::regex_search(each, found, line)) {
      const std::string part = found[1];
      for (std::sregex_iterator it(part.begin(), part.end(), name), end; it != end; ++it) {
        names.insert((*it)[1]);
      }
    }
  }
  return names;
}

Names names_in_help(const Command& command) {
  static const std::regex line("^ {2,6}(-[-A-Za-z, ]*[A-Za-z])");
  static const std::regex name("(?:^|, )(-[-a-zA-Z]*[a-zA-Z])");
  return all_matches(command_help(command), line, name);
}

std::string page_of(const Command& command) {
  std::string file = "caplet " + std::string(command.path) + ".1";
  std::replace(file.begin(), file.end(), ' ', '-');
  const auto pages = man_pages();
  const auto found =
      std::find_if(pages.begin(), pages.end(), [&](const GeneratedFile& page) { return page.name == file; });
  return found == pages.end() ? "" : found->text;
}

Names names_in_manual(const Command& command) {
  static const std::regex line(R"(^\.It (Fl .*)$)");
  static const std::regex name(R"(Fl ([-\\a-zA-Z]+))");
  Names names;
  for (std::string each : all_matches(page_of(command), line, name)) {
    std::erase(each, '\\');
    names.insert("-" + each);
  }
  return names;
}

Names names_completed(const Command& command) {
  std::vector<std::string> words;
  for (const std::string_view word : split(command.path, ' ')) {
    words.emplace_back(word);
  }
  words.emplace_back("-");
  Names names;
  for (const Candidate& each : complete(words, {}).candidates) {
    names.insert(each.value);
  }
  return names;
}

constexpr std::array k_by_hand{"caplet-store.5", "caplet-token.7", "caplet-recipes.7"};

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> all;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    all.push_back((*it)[1]);
  }
  return all;
}

std::vector<std::string> too_wide(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.size() > width) {
      lines.push_back(line);
    }
  }
  return lines;
}

/// Differences between what is committed and what is made.
std::vector<std::string> drift(const fs::path& directory, const std::vector<GeneratedFile>& made) {
  std::vector<std::string> differences;
  Names known;
  for (const GeneratedFile& each : made) {
    known.insert(each.name);
    if (!fs::exists(directory / each.name)) {
      differences.push_back(each.name + " is missing");
    } else if (read_file(directory / each.name) != each.text) {
      differences.push_back(each.name + " is not the newest");
    }
  }
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = fs::relative(entry.path(), directory).string();
    const bool by_hand = name.ends_with(".5") || name.ends_with(".7");
    if (entry.is_regular_file() && !by_hand && !known.contains(name)) {
      differences.push_back(name + " belongs to no command");
    }
  }
  return differences;
}

} // namespace

TEST_CASE("the committed manual and completion scripts are the newest: else run ./dev gen", "[commands]") {
  CHECK(drift(k_source / "man", man_pages()) == std::vector<std::string>{});
  CHECK(drift(k_source / "completions", completion_files()) == std::vector<std::string>{});
}

TEST_CASE("every visible option is in help, manual and completion, and no other", "[commands]") {
  for (const Command* command : visible()) {
    CAPTURE(command->path);
    const Names names = names_in_table(*command);
    CHECK(names_in_help(*command) == names);
    CHECK(names_in_manual(*command) == names);
    CHECK(names_completed(*command) == names);
  }
}

TEST_CASE("every visible command is in the overview, under a heading, and no hidden one", "[commands]") {
  const std::string text = overview("");
  CHECK(text.find("\nOthers:") == std::string::npos);
  for (const Command* command : commands()) {
    CAPTURE(command->path);
    CHECK((text.find("\n  " + std::string(command->path) + " ") == std::string::npos) == command->hidden);
    CHECK(command->hidden == page_of(*command).empty());
    CHECK((command->hidden || section_of(*command) != nullptr)); // else: a word in k_sections (cli/command.cpp)
  }
}

TEST_CASE("every value of the table is called something known", "[commands]") {
  const auto is_known = [](std::string_view name) {
    return std::any_of(labels().begin(), labels().end(), [&](const Label& label) { return label.name == name; });
  };
  for (const Command* command : commands()) {
    CAPTURE(command->path);
    for (const Option& option : options_of(*command)) {
      CAPTURE(option.names);
      CHECK((option.value.empty() || is_known(option.value))); // else: a row in k_labels (cli/value_kind.cpp)
    }
    for (const Positional& positional : command->positionals) {
      CAPTURE(positional.name);
      CHECK(is_known(positional.name));
    }
  }
}

TEST_CASE("every help text begins with examples, and is no wider than the terminal", "[commands]") {
  const auto width = GENERATE(std::size_t{60}, Layout::k_usual, std::size_t{100});
  const Layout layout(width);
  CAPTURE(width);
  for (const Command* command : visible()) {
    CAPTURE(command->path);
    const std::string text = command_help(*command, layout);
    CHECK(text.starts_with("  $ "));
    CHECK(too_wide(text, width) == std::vector<std::string>{});
    const std::string_view group = command->path.substr(0, command->path.find(' '));
    CHECK((!is_group(group) || too_wide(overview(group, layout), width).empty()));
  }
  CHECK(too_wide(overview("", layout), width) == std::vector<std::string>{});
  CHECK(too_wide(welcome(layout), width) == std::vector<std::string>{});
  for (const Topic& topic : topics()) {
    CAPTURE(topic.name);
    CHECK(too_wide(topic.text(layout), width) == std::vector<std::string>{});
  }
}

TEST_CASE("every environment variable that the sources read is in the table, and the table has no other",
          "[commands]") {
  static const std::regex reads(
      R"re((?:nvironment(?:\(\))?\(|xdg\(environment, |take_variable\(|name == )"([A-Z_]+)")re");
  static const std::regex locale(R"re("(LC_[A-Z]+|LANG)")re");
  Names read{"TZ"}; // by localtime_r
  for (const char* layer : {"cli", "core", "store"}) {
    for (const auto& entry : fs::recursive_directory_iterator(k_source / layer)) {
      const std::string name = entry.path().filename().string();
      const bool passes_them_on = name == "clean_environment.cpp" || name == "git_process.cpp"; // and reads none itself
      if (!name.ends_with(".cpp") || passes_them_on) {
        continue;
      }
      const std::string text = read_file(entry.path());
      for (const std::regex* each : {&reads, &locale}) {
        for (std::sregex_iterator it(text.begin(), text.end(), *each), end; it != end; ++it) {
          read.insert((*it)[1]);
        }
      }
    }
  }
  Names known;
  for (const Row& row : variables()) {
    known.emplace(row.name);
  }
  read.insert("LANG");
  CHECK(read == known);
}

TEST_CASE("every page has its sections", "[commands]") {
  for (const GeneratedFile& page : man_pages()) {
    CAPTURE(page.name);
    for (const char* section : {"ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
      CAPTURE(section);
      CHECK(page.text.find(std::string(".Sh ") + section + "\n") != std::string::npos);
    }
  }
}

TEST_CASE("what the pages by hand name is in the tables", "[commands]") {
  Names options;
  for (const Command* command : visible()) {
    options.merge(names_in_table(*command));
  }
  const auto is_known = [](const auto& rows, const auto& fits) { return std::any_of(rows.begin(), rows.end(), fits); };
  std::size_t looked_at = 0;
  for (const char* name : k_by_hand) {
    CAPTURE(name);
    const std::string page = without_roff(read_file(k_source / "man" / name));
    for (const char* section : {"ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
      CHECK(page.find(std::string(".Sh ") + section + "\n") != std::string::npos);
    }
    for (const std::string& word : matches(page, R"(\.(?:It )?Ev ([A-Z_]+))")) {
      CAPTURE(word);
      CHECK(is_known(variables(), [&](const Row& row) { return row.name == word; }));
      ++looked_at;
    }
    for (const std::string& word : matches(page, R"(\bFl (-?[-a-z]+))")) {
      CAPTURE(word);
      CHECK(options.contains("-" + word));
      ++looked_at;
    }
    for (const std::string& word : matches(page, R"(\.It Pa (~/\.(?:config|local)/.*))")) {
      CAPTURE(word);
      CHECK(is_known(files(), [&](const Row& row) { return row.name == word; }));
      ++looked_at;
    }
    for (const std::string& word : matches(page, R"(\.It (\d[-+n\d]*))")) {
      CAPTURE(word);
      CHECK(is_known(statuses(), [&](const Status& status) { return status.number == word; }));
      ++looked_at;
    }
    for (const std::string& word : matches(page, R"(\.Xr (caplet[-a-z]* [157]))")) {
      CAPTURE(word);
      CHECK(fs::exists(k_source / "man" / (word.substr(0, word.size() - 2) + "." + word.back())));
      ++looked_at;
    }
  }
  CHECK(looked_at > 50);
}

TEST_CASE("the page on the store names every file", "[commands]") {
  const std::string page = read_file(k_source / "man" / "caplet-store.5");
  for (const Row& row : files()) {
    CAPTURE(row.name);
    CHECK(page.find(".It Pa \\(ti" + std::string(row.name.substr(1)) + "\n") != std::string::npos);
  }
}

} // namespace caplet::test
