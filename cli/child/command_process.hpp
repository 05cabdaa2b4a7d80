#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// A program of the user's to run in the user's own surroundings: the same terminal, process group, directory and open
/// descriptors.
struct CommandLaunch {
  std::vector<std::string> words;       ///< the first is looked up on PATH
  std::vector<std::string> environment; ///< `NAME=VALUE`, all of it
  std::optional<int> input = {};        ///< becomes its standard input
  std::optional<int> handed = {};       ///< a descriptor that it gets under the number `handed_as`
  int handed_as = -1;
  std::vector<int> withheld = {}; ///< descriptors that it does not get, whatever the caller thinks of them; in the
                                  ///< place of 0 to 2 it gets /dev/null
};

/// Runs it to its end, and answers with its exit status, or 128 and the number of the signal that ended it. Signals
/// that somebody sends to this process are sent on; those of the terminal reach both by themselves, for both are in one
/// process group. Where the command is stopped by job control so is this process. It gets TERM when this process dies.
/// Throws NotRun.
int run_command(const CommandLaunch& launch);

/// A process that waits for this one, or this object, to die, and then does `last_words`: also after kill -9. Gone
/// without doing anything when release() is called. It has a session of its own, so what kills a process group or
/// closes a terminal does not reach it; where somebody has stopped it, it goes on when this process dies.
class LastWill {
public:
  /// `last_words` runs in a fork of this process. Where it throws, it is done once more, again and again with growing
  /// pauses, until `until`. Throws Error{failed}.
  LastWill(const std::function<void()>& last_words, std::chrono::system_clock::time_point until);
  LastWill(const LastWill&) = delete;
  LastWill& operator=(const LastWill&) = delete;
  ~LastWill();
  /// To be called once what it would do is done.
  void release() noexcept;

private:
  int m_life = -1; ///< a socket, closed when this process dies
  int m_pid = 0;
};

} // namespace caplet
