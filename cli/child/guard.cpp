#include "cli/child/guard.hpp"

#include "cli/child/descendants.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

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

/// Throws NotRun and other exceptions where the function could not be started.
[[noreturn]] void become_function(const FunctionLaunch& launch, pid_t parent, const GuardEnds& ends,
                                  GuardReport& report) {
  const auto require = [&](bool done) {
    if (!done) {
      throw not_run(launch.name, errno);
    }
  };
  ::close(ends.control); // the guard's: its end must be seen where this process hangs
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) { // it died before that
    ::_exit(k_not_started);
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::umask(022);
  require(::setsid() >= 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  const FunctionImage image = launch.image();
  const auto words = pointers(image.words);
  const auto environment = pointers(image.environment);
  const int interpreter = image.interpreter == nullptr ? -1 : image.interpreter->descriptor();
  require(arrange<6>({launch.input, ends.output, ends.errors, image.program.descriptor(), interpreter, ends.gate}));
  if (::chdir(launch.directory.c_str()) != 0) {
    const int error = errno;
    throw NotRun(
        k_not_executable, Errc::failed,
        fmt::format("cannot run {} in {}: {}", launch.name, escape(launch.directory, 4096), std::strerror(error)),
        "make the directory, or give the function another one: --cwd", error);
  }
  if (interpreter >= 0) {
    ::fcntl(k_interpreter_fd, F_SETFD, FD_CLOEXEC);
  }
  ::fcntl(k_gate_fd, F_SETFD, FD_CLOEXEC);
  default_signals();
  report.is_ready = true;
  char word = 0;
  if (uninterrupted([&] { return ::read(k_gate_fd, &word, 1); }) != 1) {
    throw not_run(launch.name, ECANCELED);
  }
  throw not_run(launch.name, execute(k_program_fd, image.program.shebang(), interpreter < 0 ? -1 : k_interpreter_fd,
                                     words, environment));
}

/// The same, and what goes wrong is in the report.
[[noreturn, gnu::noinline]] void function(const FunctionLaunch& launch, pid_t parent, const GuardEnds& ends,
                                          GuardReport& report) noexcept {
  try {
    try {
      become_function(launch, parent, ends, report);
    } catch (const NotRun& e) {
      report.fail(e);
    } catch (const Error& e) {
      report.fail({k_run_failed, e.code(), e.what(), e.hint()});
    } catch (const std::exception& e) {
      report.fail({k_run_failed, Errc::failed, fmt::format("cannot run {}: {}", launch.name, e.what())});
    }
  } catch (...) { // there is no memory for the words
    report.failure.exit_status = k_run_failed;
  }
  ::_exit(k_not_started);
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

void GuardReport::fail(const NotRun& why) noexcept {
  const auto put = [](auto& place, std::string_view text) {
    text = text.substr(0, place.size() - 1);
    *std::copy(text.begin(), text.end(), place.begin()) = '\0';
  };
  failure.code = why.code();
  failure.error = why.error();
  put(failure.message, why.what());
  put(failure.hint, why.hint());
  failure.exit_status = why.exit_status();
}

void guard(const FunctionLaunch& launch, const GuardEnds& ends, pid_t parent, GuardReport& report) noexcept {
  ::setsid(); // what is typed at the terminal goes to the process that was started there
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); // until the function is executed: it dies with its guard
  if (::getppid() != parent) {
    ::_exit(k_not_started);
  }
  ::prctl(PR_SET_NAME, "caplet-guard", 0, 0, 0);
  adopt_orphans();
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr); // SIGCHLD comes by signalfd, the others not at all
  const pid_t self = ::getpid();
  // Until it is another program this process waits, and both are in the same memory: none is copied, nor taken apart
  // when the program begins. There is nothing to guard before that: where the other side dies, both die.
  const pid_t child = ::vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork)
  if (child == 0) {
    function(launch, self, ends, report); // NOLINT(clang-analyzer-unix.Vfork): it never returns
  }
  report.is_executed = true;
  ::prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0); // a function may stop its guard; then nobody else would let it go on
  if (child < 0) {
    report.failure.error = errno;
    report.failure.exit_status = k_run_failed;
    ::_exit(k_not_started);
  }
  ::dup2(ends.control, 0);
  ::syscall(SYS_close_range, 1U, ~0U, 0U); // the ends of pipes above all
  sigset_t ended;
  ::sigemptyset(&ended);
  ::sigaddset(&ended, SIGCHLD);
  const int children = ::signalfd(-1, &ended, SFD_CLOEXEC);
  auto status = Watch(child, 0, children).until_end();
  ::kill(-child, SIGKILL); // what is in its own group, before anything is counted
  report.left_processes = !kill_descendants(child, status);
  report.status = status.value_or(SIGKILL);
  report.is_complete = true;
  ::close(0); // the other side need not wait until this process is taken apart
  ::_exit(0);
}

} // namespace caplet
