// The real binary, killed at every call that changes a file, before it and after it.

#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>

using namespace caplet::test;

TEST_CASE("killed at every call: the store opens, nothing is torn, nothing acknowledged is lost") {
  for (const Command& command : commands()) {
    const Laboratory laboratory(command);
    Figures sum;
    for (const char* mode : {"kill-before", "kill-after"}) {
      const Figures figures = try_every_call(laboratory, command, mode);
      CHECK(figures.runs == static_cast<int>(laboratory.calls().size() - 1) / CAPLET_FAULT_STEP + 1);
      sum.done += figures.done;
      sum.runs += figures.runs;
      sum.torn += figures.torn;
      sum.lost += figures.lost;
    }
    CHECK(sum.done > 0);        // the last kills come when all is done,
    CHECK(sum.done < sum.runs); // and the first before
    WARN(command.words << ": kills " << sum.runs << " torn " << sum.torn << " lost " << sum.lost);
  }
}
