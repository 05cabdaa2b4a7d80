#pragma once

#include "core/environment.hpp"
#include "store/files.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Whether git is told what a hook is told (GIT_DIR, GIT_INDEX_FILE and the like): so `scan --staged` sees the commit
/// that is being made. All else is asked of the place alone.
enum class HookVariables : std::uint8_t { drop, keep };

/// A git that reads a repository which may be hostile: without a shell, and without all that a repository's own
/// configuration could have it execute (fsmonitor, hooks, pager, remote helpers for what a partial clone lacks,
/// programs that check signatures), without replaced objects, and without a question to anybody. Only plumbing is run
/// by it: that knows no aliases, no external diff and no text conversion unless it is asked for them.
class GitProcess {
public:
  /// Starts `git -C directory words…`, reading `input` (nothing: an empty one). Throws Error{undecided} where it cannot
  /// be started.
  GitProcess(const Environment& environment, const std::string& directory, const std::vector<std::string>& words,
             Fd input = Fd(), HookVariables hook = HookVariables::drop);
  GitProcess(const GitProcess&) = delete;
  GitProcess& operator=(const GitProcess&) = delete;
  /// Stops it where it still runs.
  ~GitProcess();

  /// Its standard output, for whoever reads it: to the end before finish().
  Fd take_output() { return std::move(m_output); }

  /// All of its standard output.
  std::string read_all();

  /// How it ended: empty where well, else the first line that it had to say, escaped.
  std::string finish();

private:
  Fd m_output;
  Fd m_errors;
  pid_t m_pid = -1;
};

/// What git prints for these words; throws Error{undecided} with what it said where it fails.
std::string git_output(const Environment& environment, const std::string& directory,
                       const std::vector<std::string>& words, HookVariables hook = HookVariables::drop);

/// A file in memory with this content, to be read from its start: standard input for a git.
Fd input_of(std::string_view text);

/// Reads descriptor until `size` bytes are there or it ends. Returns how many; throws Error{undecided}.
std::size_t read_up_to(int fd, char* into, std::size_t size);

} // namespace caplet
