#include "cli/child/forwarded_signals.hpp"

#include <initializer_list>

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

} // namespace caplet
