#pragma once

#include "cli/child/exit_status.hpp"
#include "cli/child/function_process.hpp"

#include <array>
#include <atomic>

namespace caplet {

/// What the guard and the function tell the process that started them, in memory that all three share until the
/// function is another program.
struct GuardReport {
  std::atomic<bool> is_ready = false;    ///< the function waits at the gate
  std::atomic<bool> is_executed = false; ///< or has ended: until then its guard hears nothing
  int status = 0;                        ///< waitpid's, of the function
  bool is_complete = false;              ///< `status` is valid and nothing is left; else the guard was killed
  bool left_processes = false;

  /// Why the function was not started: NotRun, in memory that holds no pointers. Longer texts are cut.
  struct Failure {
    int exit_status = 0; ///< 0: it was started
    Errc code = Errc::failed;
    int error = 0;
    std::array<char, 8192> message{};
    std::array<char, 512> hint{};
  } failure;
  void fail(const NotRun& why) noexcept;
};

/// Descriptors of a guard.
struct GuardEnds {
  int control; ///< a socket. Each byte that comes is the number of a signal for the function's process group, SIGKILL
               ///< for everything that descends from the guard; its end means that the other side is dead. It is closed
               ///< when nothing is left
  int gate;    ///< a pipe: the function is executed when a byte comes; where its end comes first, never
  int output;  ///< what becomes the function's descriptor 1
  int errors;  ///< and 2
};

/// The guard of a function: see FunctionProcess. Never returns. A guard that was stopped goes on when `parent` dies.
/// REQUIRES: it is a fork of `parent`, a process with one thread.
[[noreturn]] void guard(const FunctionLaunch& launch, const GuardEnds& ends, pid_t parent,
                        GuardReport& report) noexcept;

} // namespace caplet
