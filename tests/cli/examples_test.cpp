// Every example of the help and the manual is tried as it stands; tests/cli/examples.sh makes what it needs.

#include "cli/command.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

namespace caplet::test {

TEST_CASE("every example of the help works", "[examples]") {
  for (const Command* command : commands()) {
    for (const std::string_view example : split(command->examples, '\n')) {
      DYNAMIC_SECTION(example) {
        const Sandbox sandbox;
        Launch what = sandbox.shell("");
        what.program = "/bin/bash";
        what.words = {"bash", CAPLET_SOURCE "/tests/cli/examples.sh", std::string(command->path), std::string(example)};
        const Outcome outcome = launch(what);
        CAPTURE(outcome.out, outcome.err);
        CHECK(outcome.status == 0);
      }
    }
  }
}

} // namespace caplet::test
