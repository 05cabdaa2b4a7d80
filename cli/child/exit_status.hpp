#pragma once

#include "core/error.hpp"

#include <string>

namespace caplet {

/// Exit statuses of a command that runs another one, as env(1) and timeout(1) have them. What is below is the other
/// one's own.
inline constexpr int k_timed_out = 124;
inline constexpr int k_run_failed = 125;
inline constexpr int k_not_executable = 126;
inline constexpr int k_no_program = 127;

/// Why a program was not run, with the exit status that says so.
class NotRun : public Error {
public:
  NotRun(int exit_status, Errc code, const std::string& message, std::string hint = {}, int error = 0)
      : Error(code, message, std::move(hint)), m_exit_status(exit_status), m_error(error) {}
  int exit_status() const noexcept { return m_exit_status; }
  /// errno, where a call failed.
  int error() const noexcept { return m_error; }

private:
  int m_exit_status;
  int m_error;
};

/// The same for an errno of execve(2). `what` is the program in messages.
NotRun not_run(const std::string& what, int error);

/// What a shell makes of waitpid's answer: the program's own status, or 128 and the number of the signal.
int exit_status_of(int wait_status) noexcept;

} // namespace caplet
