#include "cli/child/exit_status.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

namespace caplet {

NotRun not_run(const std::string& what, int error) {
  switch (error) {
  case ENOENT:
  case ENOTDIR:
    return {k_no_program, Errc::failed,
            fmt::format("cannot run {}: it, or what should interpret it, is not there", what),
            "check the path, and the line that starts with #!", error};
  case ENOEXEC:
    return {k_not_executable, Errc::failed, fmt::format("cannot run {}: it is neither a script nor a program", what),
            "a script starts with #! and the path of its interpreter", error};
  default:
    return {k_not_executable, Errc::failed, fmt::format("cannot run {}: {}", what, std::strerror(error)),
            "check the permissions of it and of its interpreter", error};
  }
}

int exit_status_of(int wait_status) noexcept {
  constexpr int k_signalled = 128;
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : k_signalled + WTERMSIG(wait_status);
}

} // namespace caplet
