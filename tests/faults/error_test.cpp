// The real binary, with one of its calls failing.

#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cerrno>

using namespace caplet::test;

namespace {

/// One kind of fault at every call of one command.
void fail_every_call(const Laboratory& laboratory, const Command& command, const std::string& mode) {
  const Figures figures = try_every_call(laboratory, command, mode);
  WARN(command.words << ": " << mode << " at " << figures.runs << " calls, done " << figures.done << " torn "
                     << figures.torn << " lost " << figures.lost << " false success " << figures.lied);
}

} // namespace

TEST_CASE("a call fails: an error is said, and the store is whole") {
  for (const Command& command : commands()) {
    const Laboratory laboratory(command);
    for (const std::string& mode :
         {fmt::format("error-{}", EIO), fmt::format("error-{}", ENOSPC), fmt::format("from-{}", ENOSPC)}) {
      fail_every_call(laboratory, command, mode);
    }
  }
}

TEST_CASE("a call is interrupted, or writes half: the command ends well") {
  for (const Command& command : commands()) {
    const Laboratory laboratory(command);
    for (const std::string& mode : {fmt::format("error-{}", EINTR), std::string("short")}) {
      fail_every_call(laboratory, command, mode);
    }
  }
}
