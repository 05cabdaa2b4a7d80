#include "cli/child/forwarded_signals.hpp"

#include <unistd.h>

namespace caplet {
namespace {

bool is_ignored(int signal) noexcept {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) != 0 ||
         now.sa_handler == SIG_IGN; // NOLINT(cppcoreguidelines-pro-type-union-access): libc's
}

} // namespace

sigset_t forwarded_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  const auto add = [&](int signal) {
    if (!is_ignored(signal)) {
      ::sigaddset(&set, signal);
    }
  };
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGSTKFLT, SIGCONT, SIGURG,
                           SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR}) {
    add(signal);
  }
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    add(signal);
  }
  return set;
}

bool asks_to_end(int signal) noexcept {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

bool TakenSignals::take(std::initializer_list<int> others, int flags) noexcept {
  sigset_t set = forwarded_signals();
  for (const int signal : others) {
    ::sigaddset(&set, signal);
  }
  ::sigprocmask(SIG_BLOCK, &set, &m_before);
  m_is_taken = true;
  m_fd = Fd(::signalfd(-1, &set, flags | SFD_CLOEXEC));
  return m_fd.is_open();
}

void TakenSignals::give_back() const noexcept {
  if (m_is_taken) {
    ::sigprocmask(SIG_SETMASK, &m_before, nullptr);
  }
}

std::optional<signalfd_siginfo> TakenSignals::next() const noexcept {
  signalfd_siginfo info{};
  const auto got = uninterrupted([&] { return ::read(m_fd.get(), &info, sizeof info); });
  return got == sizeof info ? std::optional(info) : std::nullopt;
}

} // namespace caplet
