// Every example of the help and the manual is tried as it stands; tests/cli/examples.sh makes what it needs.

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "tests/cli/roff.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace caplet::test {

namespace {

void try_example(std::string_view command, std::string_view example) {
  const Sandbox sandbox;
  Launch what = sandbox.shell("");
  what.program = "/bin/bash";
  what.words = {"bash", CAPLET_SOURCE "/tests/cli/examples.sh", std::string(command), std::string(example)};
  const Outcome outcome = launch(what);
  CAPTURE(outcome.out, outcome.err);
  CHECK(outcome.status == 0);
}

} // namespace

// As bash has understood them: it prints a function from what it has parsed.
TEST_CASE("an example that is broken over several lines is the same to a shell", "[examples]") {
  const Sandbox sandbox;
  const auto parsed = [&](const std::string& text) {
    Launch what = sandbox.shell("");
    what.program = "/bin/bash";
    what.words = {"bash", "-c", "eval \"pasted() {\n$1\n}\" && declare -f pasted", "paste", text};
    const Outcome outcome = launch(what);
    CAPTURE(text, outcome.err);
    REQUIRE(outcome.status == 0);
    return outcome.out;
  };
  std::size_t broken = 0;
  for (const Command* command : commands()) {
    for (const std::string_view example : split(command->examples, '\n')) {
      const std::string shown = Layout(60).command_line(example);
      if (std::count(shown.begin(), shown.end(), '\n') > 1) {
        ++broken;
        CHECK(parsed(shown.substr(std::string_view("  $ ").size())) == parsed(std::string(example)));
      }
    }
  }
  CHECK(broken >= 5);
  CHECK(Layout(30).command_line("echo 'two  words' \"$(a b)\" c  # and a comment, which is long") ==
        "  $ echo 'two  words' \\\n"
        "      \"$(a b)\" c  \\\n"
        "      # and a comment, which is long\n");
}

TEST_CASE("every example of the help works", "[examples]") {
  for (const Row& step : first_steps()) {
    DYNAMIC_SECTION(step.name) { try_example("help", step.name); }
  }
  for (const char* name : {"caplet-store.5", "caplet-token.7", "caplet-recipes.7"}) {
    const std::string page = without_roff(read_file(std::filesystem::path(CAPLET_SOURCE) / "man" / name));
    const auto begin = page.find("\n.Bd", page.find(".Sh EXAMPLES"));
    const auto end = page.find(".Ed", begin);
    REQUIRE(end != std::string::npos);
    const std::string block = page.substr(begin + 1, end - begin - 1);
    const auto lines = split(block, '\n');
    for (std::size_t i = 1; i < lines.size(); ++i) { // the first one is the macro
      DYNAMIC_SECTION(name << ": " << lines[i]) { try_example(name, lines[i]); }
    }
  }
  for (const Command* command : commands()) {
    for (const std::string_view example : split(command->examples, '\n')) {
      DYNAMIC_SECTION(command->path << ": " << example) { try_example(command->path, example); }
    }
  }
}

} // namespace caplet::test
