#include "cli/child/guard.hpp"

#include "cli/child/descendants.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace caplet {
namespace {

constexpr int k_program_fd = 3; // what a script's interpreter reads as /dev/fd/3
constexpr int k_interpreter_fd = 4;
constexpr int k_gate_fd = 5;
constexpr int k_out_of_the_way = 16;
constexpr int k_not_started = 127;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    all.push_back(const_cast<char*>(text.c_str())); // NOLINT(cppcoreguidelines-pro-type-const-cast): execve's type
  }
  all.push_back(nullptr);
  return all;
}

void default_signals() {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &usual, nullptr); // KILL, STOP and libc's own say EINVAL
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// `fds` become 0, 1, 2 … in this order, and nothing else stays open. -1 leaves a place empty.
template <std::size_t Count>
bool arrange(std::array<int, Count> fds) {
  for (int& fd : fds) { // none may stand where another goes
    if (fd >= 0 && (fd = ::fcntl(fd, F_DUPFD, k_out_of_the_way)) < 0) {
      return false;
    }
  }
  for (std::size_t i = 0; i < Count; ++i) {
    const int place = static_cast<int>(i);
    if (fds[i] < 0) {
      ::close(place);
    } else if (::dup2(fds[i], place) != place) {
      return false;
    }
  }
  return ::syscall(SYS_close_range, static_cast<unsigned int>(Count), ~0U, 0U) == 0;
}

/// Returns errno where the function could not be started.
int become_function(const FunctionLaunch& launch, pid_t parent, const GuardEnds& ends, GuardReport& report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) { // it died before that
    return ESRCH;
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::umask(022);
  if (::setsid() < 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return errno;
  }
  const auto words = pointers(launch.words);
  const auto environment = pointers(launch.environment);
  const int interpreter = launch.interpreter == nullptr ? -1 : launch.interpreter->descriptor();
  if (!arrange<6>({launch.input, ends.output, ends.errors, launch.program.descriptor(), interpreter, ends.gate})) {
    return errno;
  }
  if (::chdir(launch.directory.c_str()) != 0) {
    report.has_no_directory = true;
    return errno;
  }
  if (interpreter >= 0) {
    ::fcntl(k_interpreter_fd, F_SETFD, FD_CLOEXEC);
  }
  ::fcntl(k_gate_fd, F_SETFD, FD_CLOEXEC);
  default_signals();
  char word = 0;
  if (uninterrupted([&] { return ::read(k_gate_fd, &word, 1); }) != 1) {
    return ECANCELED;
  }
  return execute(k_program_fd, launch.program.shebang(), interpreter < 0 ? -1 : k_interpreter_fd, words, environment);
}

/// Waits for the function's end, a word from the other side, or its death.
class Watch {
public:
  Watch(pid_t function, int control, int children) noexcept
      : m_function(function), m_control(control), m_children(children) {}

  std::optional<int> until_end() {
    for (;;) {
      std::array<pollfd, 2> ready{pollfd{m_control, POLLIN, 0}, pollfd{m_children, POLLIN, 0}};
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
        return m_status;
      }
      if (ready[1].revents != 0) {
        signalfd_siginfo ignored{};
        [[maybe_unused]] const auto size = ::read(m_children, &ignored, sizeof ignored);
        reap();
      }
      if (m_status || (ready[0].revents != 0 && !obey())) {
        return m_status;
      }
    }
  }

private:
  /// Orphans that have ended, too.
  void reap() {
    int how = 0;
    for (pid_t child = 0; (child = ::waitpid(-1, &how, WNOHANG)) > 0;) {
      if (child == m_function) {
        m_status = how;
      }
    }
  }

  bool obey() {
    unsigned char signal = 0;
    if (::read(m_control, &signal, 1) != 1 || signal == SIGKILL) {
      return false;
    }
    ::kill(-m_function, signal); // not reaped yet: the number is still its own
    return true;
  }

  pid_t m_function;
  int m_control, m_children;
  std::optional<int> m_status;
};

} // namespace

void guard(const FunctionLaunch& launch, const GuardEnds& ends, pid_t parent, GuardReport& report) noexcept {
  ::setsid(); // what is typed at the terminal goes to the process that was started there
  ::prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0); // a function may stop its guard; then nobody else would let it go on
  if (::getppid() != parent) {
    ::_exit(k_not_started);
  }
  ::prctl(PR_SET_NAME, "caplet-guard", 0, 0, 0);
  adopt_orphans();
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr); // SIGCHLD comes by signalfd, the others not at all
  const pid_t self = ::getpid();
  const pid_t function = ::fork();
  if (function == 0) {
    report.exec_error = become_function(launch, self, ends, report);
    ::_exit(k_not_started);
  }
  report.function = function;
  if (function < 0) {
    report.exec_error = errno;
    ::_exit(k_not_started);
  }
  ::dup2(ends.control, 0);
  ::syscall(SYS_close_range, 1U, ~0U, 0U); // the ends of pipes above all
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  const int children = ::signalfd(-1, &child, SFD_CLOEXEC);
  auto status = Watch(function, 0, children).until_end();
  ::kill(-function, SIGKILL); // what is in its own group, before anything is counted
  report.left_processes = !kill_descendants(function, status);
  report.status = status.value_or(SIGKILL);
  report.is_complete = true;
  ::close(0); // the other side need not wait until this process is taken apart
  ::_exit(0);
}

} // namespace caplet
