#include "cli/child/command_process.hpp"

#include "cli/child/exit_status.hpp"
#include "cli/child/forwarded_signals.hpp"
#include "cli/process.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace caplet {
namespace {

constexpr useconds_t k_moment = 20'000;

Error cannot(std::string_view what) {
  return {Errc::failed, fmt::format("cannot {}: {}", what, std::strerror(errno)), "are there too many processes?"};
}

/// The forwarded signals and SIGCHLD come here as long as this lives.
class Signals {
public:
  Signals() {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL; // where a caller ignores it, nobody can be waited for
    ::sigaction(SIGCHLD, &usual, &m_child_before);
    if (!m_taken.take({SIGCHLD}, 0)) {
      const int error = errno;
      ::sigaction(SIGCHLD, &m_child_before, nullptr);
      errno = error;
      throw cannot("watch for signals");
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { restore(); }
  void restore() const noexcept {
    ::sigaction(SIGCHLD, &m_child_before, nullptr);
    m_taken.give_back();
  }
  signalfd_siginfo next() const { return m_taken.next().value_or(signalfd_siginfo{}); }

private:
  struct sigaction m_child_before {};
  TakenSignals m_taken;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    all.push_back(const_cast<char*>(text.c_str())); // NOLINT(cppcoreguidelines-pro-type-const-cast): execve's type
  }
  all.push_back(nullptr);
  return all;
}

/// Answers errno where it could not become the command.
int become(const CommandLaunch& launch, const Signals& signals, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (::getppid() != parent) {
    return ESRCH;
  }
  for (const int fd : launch.withheld) {
    ::close(fd);
    if (fd <= STDERR_FILENO) {
      const int nothing = ::open("/dev/null", O_RDWR); // the lowest number, so `fd` as a rule
      if (nothing != fd && (::dup2(nothing, fd) < 0 || ::close(nothing) != 0)) {
        return errno;
      }
    }
  }
  if (launch.input && ::dup2(*launch.input, STDIN_FILENO) < 0) {
    return errno;
  }
  if (launch.handed) {
    if (*launch.handed == launch.handed_as) {
      ::fcntl(*launch.handed, F_SETFD, 0);
    } else if (::dup2(*launch.handed, launch.handed_as) < 0) {
      return errno;
    }
  }
  restore_inherited();
  signals.restore();
  const auto words = pointers(launch.words);
  const auto environment = pointers(launch.environment);
  ::execvpe(words.front(), words.data(), environment.data());
  return errno;
}

/// Whether this process is in the foreground of a terminal, so that a shell is waiting for it to stop, too.
bool has_job_control() {
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  return terminal.is_open() && ::tcgetpgrp(terminal.get()) == ::getpgrp();
}

/// A command that stops itself takes this process with it, and they are continued together. Where the whole group was
/// stopped and goes on by now, there is nothing to do.
void follow_stop(pid_t child) {
  if (!has_job_control()) {
    return;
  }
  ::usleep(k_moment);
  int status = 0;
  if (::waitpid(child, &status, WCONTINUED | WNOHANG) != child) {
    static_cast<void>(::raise(SIGSTOP));
    ::kill(child, SIGCONT);
  }
}

int wait_for(pid_t child, const Signals& signals) {
  for (;;) {
    const signalfd_siginfo info = signals.next();
    if (info.ssi_signo != SIGCHLD) {
      if (info.ssi_code <= 0) { // somebody's, not the terminal's
        ::kill(child, static_cast<int>(info.ssi_signo));
      }
      continue;
    }
    int status = 0;
    while (::waitpid(child, &status, WNOHANG | WUNTRACED) == child) {
      if (!WIFSTOPPED(status)) {
        return exit_status_of(status);
      }
      follow_stop(child);
    }
  }
}

} // namespace

int run_command(const CommandLaunch& launch) {
  const Signals signals;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw cannot("start a process");
  }
  const Fd from(ends[0]);
  Fd to(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    throw cannot("start a process");
  }
  if (child == 0) {
    const int error = become(launch, signals, parent);
    [[maybe_unused]] const auto size = ::write(to.get(), &error, sizeof error);
    ::_exit(k_no_program);
  }
  to = Fd();
  int error = 0; // nothing to read: it is another program by now
  const bool failed = uninterrupted([&] { return ::read(from.get(), &error, sizeof error); }) == sizeof error;
  const int status = wait_for(child, signals);
  if (failed) {
    throw not_run(escape(launch.words.front(), 4096), error);
  }
  return status;
}

namespace {

/// Does it, once more where it failed, until then.
void insist(const std::function<void()>& last_words, std::chrono::system_clock::time_point until) {
  constexpr std::chrono::milliseconds k_longest_pause{10'000};
  std::chrono::milliseconds pause{100};
  for (;;) {
    try {
      last_words();
      return;
    } catch (const std::exception&) {
      if (std::chrono::system_clock::now() + pause > until) {
        return; // there is nobody left to tell
      }
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, k_longest_pause);
  }
}

} // namespace

LastWill::LastWill(const std::function<void()>& last_words, std::chrono::system_clock::time_point until) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw cannot("start a process");
  }
  m_pid = ::fork();
  if (m_pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw cannot("start a process");
  }
  char word = 0;
  if (m_pid > 0) {
    ::close(ends[0]);
    m_life = ends[1];
    static_cast<void>(uninterrupted([&] { return ::read(m_life, &word, 1); })); // it is ready
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
  ::setsid();
  ::prctl(PR_SET_NAME, "caplet-will", 0, 0, 0);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(nothing, fd); // nobody waits for their end because of this process
  }
  const int life = ::fcntl(ends[0], F_DUPFD, 3);
  ::dup2(life, 3);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  ::send(3, "x", 1, MSG_NOSIGNAL);
  static_cast<void>(uninterrupted([&] { return ::read(3, &word, 1); })); // its end: the other side died
  insist(last_words, until);
  ::_exit(0);
}

LastWill::~LastWill() {
  if (m_life >= 0) {
    ::kill(m_pid, SIGCONT); // it may have been stopped
    ::close(m_life);
  }
}

void LastWill::release() noexcept {
  if (m_life < 0) {
    return;
  }
  ::kill(m_pid, SIGKILL); // stopped or not
  static_cast<void>(uninterrupted([&] { return ::waitpid(m_pid, nullptr, 0); }));
  ::close(m_life);
  m_life = -1;
}

} // namespace caplet
