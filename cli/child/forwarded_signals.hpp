#pragma once

#include "store/files.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <initializer_list>
#include <optional>

namespace caplet {

/// What a program that stands in front of another one passes on to it: every signal that somebody may send it and that
/// can be caught. Not those of its own faults and limits, of its children and of job control, and none that it was told
/// to ignore (nohup, a job in a script's background).
sigset_t forwarded_signals() noexcept;

/// Whether one of those asks for an end.
bool asks_to_end(int signal) noexcept;

/// Those, and others, come by a descriptor once they are taken, until they are given back or this is gone.
class TakenSignals {
public:
  TakenSignals() = default;
  TakenSignals(const TakenSignals&) = delete;
  TakenSignals& operator=(const TakenSignals&) = delete;
  ~TakenSignals() { give_back(); }

  /// `flags`: of signalfd(2). To be called once. False where there is no descriptor.
  bool take(std::initializer_list<int> others, int flags) noexcept;
  /// The signal mask is what it was; in a child, too, that was forked meanwhile.
  void give_back() const noexcept;

  int fd() const noexcept { return m_fd.get(); }
  /// Nothing where none has come (SFD_NONBLOCK).
  std::optional<signalfd_siginfo> next() const noexcept;

private:
  sigset_t m_before{};
  bool m_is_taken = false;
  Fd m_fd;
};

} // namespace caplet
