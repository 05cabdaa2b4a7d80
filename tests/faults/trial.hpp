#pragma once

#include "tests/cli/process.hpp"
#include "tests/faults/commands.hpp"
#include "tests/store/support.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace caplet::test {

/// Runs the real binary to its end. `fault` and `log` are for the shim (shim/shim.cpp).
Outcome run_caplet(const Before& before, std::vector<std::string> words, const std::string& input = "",
                   const std::string& fault = "", const std::filesystem::path& log = {});

/// One run of a command with one fault, and what was wrong afterwards; empty where nothing was.
struct Trial {
  std::string call; ///< the call that the fault was given to; empty where the command made fewer calls
  bool is_done = false;
  std::string torn; ///< the store does not open, or its check finds something
  std::string lost; ///< what was acknowledged is not there
  std::string lied; ///< the command said what is not so
};

/// A command with what is there before, ready to be run again and again.
class Laboratory {
public:
  explicit Laboratory(const Command& command);

  /// The calls that change files, in their order, of a run without a fault.
  const std::vector<std::string>& calls() const { return m_calls; }

  /// Throws nothing that is the command's fault. Threads: any number.
  Trial run(const std::string& mode, int at) const;

private:
  void look_at(const Before& before, const Outcome& outcome, Trial& trial) const;
  void look_at_status(const Outcome& outcome, const std::string& mode, Trial& trial) const;
  void look_at_change(const Before& before, const Outcome& outcome, Trial& trial, std::uint64_t events) const;

  const Command& m_command;
  TemporaryHome m_place;
  Before m_before;
  std::vector<std::string> m_calls;
  bool m_prints_token = false;
  std::uint64_t m_events_before = 0; ///< in the audit log
  std::uint64_t m_events_done = 0;
};

/// The figures of many trials.
struct Figures {
  int runs = 0;
  int done = 0;
  int torn = 0;
  int lost = 0;
  int lied = 0;
};

/// A fault of this mode at the first call, the second, and so on until the command ends without meeting it; at every
/// CAPLET_FAULT_STEP-th only, where that is not 1. What is wrong is reported (Catch2) with the words and the call.
Figures try_every_call(const Laboratory& laboratory, const Command& command, const std::string& mode);

} // namespace caplet::test
