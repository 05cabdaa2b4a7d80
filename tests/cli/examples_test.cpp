// Every example of the help and the manual is tried as it stands; tests/cli/examples.sh makes what it needs.

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

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

TEST_CASE("every example of the help works", "[examples]") {
  for (const Row& step : first_steps()) {
    DYNAMIC_SECTION(step.name) { try_example("help", step.name); }
  }
  for (const Command* command : commands()) {
    for (const std::string_view example : split(command->examples, '\n')) {
      DYNAMIC_SECTION(command->path << ": " << example) { try_example(command->path, example); }
    }
  }
}

} // namespace caplet::test
