#pragma once

#include "tests/store/support.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace caplet::test {

/// The real binary, running; its standard output is read through a pipe. Throws std::system_error where it cannot be
/// started. Threads: any number, so there is no assertion of Catch2 in it, which are for one thread at a time.
class Caplet {
public:
  Caplet(const TemporaryHome& home, std::vector<std::string> arguments);
  Caplet(const Caplet&) = delete;
  Caplet& operator=(const Caplet&) = delete;
  ~Caplet();

  void kill() const;
  /// What it printed, and how it ended: an exit status, or 128 + signal.
  int wait(std::string& output) const;

private:
  pid_t m_pid = -1;
  int m_output = -1;
};

/// Runs it to its end.
int run(const TemporaryHome& home, std::vector<std::string> arguments, std::string& output);

std::string first_line(const std::string& text);

/// How many events there are, after asking SQLite whether they are numbered without a gap.
int count_events(const Location& location);

} // namespace caplet::test
