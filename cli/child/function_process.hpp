#pragma once

#include "cli/child/sealed_program.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// What is executed.
struct FunctionImage {
  const SealedProgram& program;
  const SealedProgram* interpreter = nullptr; ///< a sealed one, in place of the file that the script names
  std::vector<std::string> words;             ///< its argv, its own name first
  std::vector<std::string> environment;       ///< `NAME=VALUE`
};

/// A function to run, and what it has to do with the rest of the world.
struct FunctionLaunch {
  std::string name; ///< in messages
  /// Called in the function's own process, where sealing and hashing cost the others no time. What it refers to is
  /// there until the process is another program. What it throws, run() throws: NotRun as it is, any other as NotRun
  /// (125).
  std::function<FunctionImage()> image;
  std::string directory = "/";
  int input = -1; ///< what becomes its standard input
  int output = 1; ///< where its standard output goes
  int errors = 2; ///< and its standard error
  std::optional<std::chrono::milliseconds> timeout;
  std::chrono::milliseconds grace{5000};  ///< from TERM to KILL
  std::uint64_t most_output = UINT64_MAX; ///< bytes, of each of the two; of both where they are one open file
};

/// How it went.
struct FunctionEnd {
  enum class How : std::uint8_t {
    exited,        ///< it ended: exit_status is its own, or 128 and the number of the signal
    timed_out,     ///< it was ended after its time (124)
    too_long,      ///< it was ended for more output than it may have (125)
    not_delivered, ///< it was ended because its output could not be written (125); see error
    lost           ///< it was killed together with what watches it (125)
  };
  How how = How::lost;
  int exit_status = 0;
  int error = 0;
  std::uint64_t output = 0;    ///< bytes of its standard output that were passed on
  bool left_processes = false; ///< some hang in the kernel and could not be killed
};

/// A function's process, which makes itself ready up to the last step before it is executed. So that costs no time
/// while something else is waited for: a disk.
///
/// Its own session, default signals, no_new_privs, no core dumps, umask 022, descriptors 0 to 2 and for a script the
/// one that its interpreter reads it from. Nothing survives it: a guard process stands between this one and the
/// function. Orphans come to the guard, which kills whatever is left when the function ends, when it is told to, or
/// when this process dies, by kill -9 too. Where the guard is killed, this process does the same; where it is stopped,
/// it is continued, and killed when it does not come to an end within a second. Only a function that kills both, or
/// kills this one and goes on stopping the other, can leave something behind.
class FunctionProcess {
public:
  /// Throws Error{failed}. REQUIRES: `launch` outlives it, and this process has one thread.
  explicit FunctionProcess(const FunctionLaunch& launch);
  FunctionProcess(const FunctionProcess&) = delete;
  FunctionProcess& operator=(const FunctionProcess&) = delete;
  /// Where it was not run by then, it never is.
  ~FunctionProcess();

  /// Executes it. From now on the signals that are passed on are its own, and wait for run() to be passed on. To be
  /// called once. Never throws: what goes wrong, run() says.
  void release() noexcept;
  /// Returns when it has ended. What forwarded_signals() says reaches it; TSTP stops it and this process together.
  /// After its timeout it gets TERM, and KILL when `grace` is over. The guard, which then has nothing left to do, may
  /// be gone only with this object. REQUIRES: it was released. Throws NotRun where it could not be started,
  /// Error{failed}.
  FunctionEnd run();

private:
  class Run;
  std::unique_ptr<Run> m_run;
};

} // namespace caplet
