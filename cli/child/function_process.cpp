#include "cli/child/function_process.hpp"

#include "cli/child/descendants.hpp"
#include "cli/child/exit_status.hpp"
#include "cli/child/forwarded_signals.hpp"
#include "cli/child/guard.hpp"
#include "cli/child/output_stream.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

namespace caplet {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::chrono::duration<int, std::milli> k_patience{1000}; // with a guard that should end

Error cannot(std::string_view what) {
  return {Errc::failed, fmt::format("cannot {}: {}", what, std::strerror(errno)), "are there too many processes?"};
}

/// A GuardReport in memory that stays one through forks.
class SharedReport {
public:
  SharedReport()
      : m_at(::mmap(nullptr, sizeof(GuardReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (m_at == MAP_FAILED) {
      throw cannot("start a process");
    }
    m_report = new (m_at) GuardReport;
  }
  SharedReport(const SharedReport&) = delete;
  SharedReport& operator=(const SharedReport&) = delete;
  ~SharedReport() { ::munmap(m_at, sizeof(GuardReport)); }
  GuardReport& operator*() const noexcept { return *m_report; }

private:
  void* m_at;
  GuardReport* m_report = nullptr;
};

/// Whether two descriptors are one open file, as after 2>&1.
bool is_same_file(int one, int other) {
  constexpr int k_file = 0; // KCMP_FILE
  const pid_t self = ::getpid();
  const auto answer = ::syscall(SYS_kcmp, self, self, k_file, one, other);
  if (answer >= 0) {
    return answer == 0;
  }
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino && ::fcntl(one, F_GETFL) == ::fcntl(other, F_GETFL);
}

void default_child_signal() {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL; // where a caller ignores it, nobody can be waited for
  ::sigaction(SIGCHLD, &usual, nullptr);
}

} // namespace

/// One run, from the start of the guard to the last byte.
class FunctionProcess::Run {
public:
  explicit Run(const FunctionLaunch& launch) : m_launch(launch), m_output(launch.output, launch.most_output) {
    if (!is_same_file(launch.output, launch.errors)) { // one pipe for both keeps their order
      m_errors.emplace(launch.errors, launch.most_output);
    }
    start();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { end_guard(); }

  FunctionEnd to_the_end() {
    if (m_signals.fd() < 0) {
      throw cannot("watch for signals");
    }
    while (!is_over()) {
      step();
    }
    return result();
  }

  void release() noexcept {
    m_signals.take({SIGTSTP, SIGCHLD}, SFD_NONBLOCK);
    static_cast<void>(uninterrupted([&] { return ::write(m_gate.get(), "x", 1); }));
    m_gate = Fd(); // where that failed, it is not executed, and says so
    if (m_launch.timeout) {
      m_deadline = Time::now() + *m_launch.timeout;
    }
  }

private:
  void start() {
    adopt_orphans(); // those of a guard that was killed
    default_child_signal();
    std::array<int, 2> control{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control.data()) != 0) {
      throw cannot("start a process");
    }
    m_control = Fd(control[0]);
    const Fd their_control(control[1]);
    std::array<int, 2> gate{};
    if (::pipe2(gate.data(), O_CLOEXEC) != 0) {
      throw cannot("start a process");
    }
    const Fd their_gate(gate[0]);
    m_gate = Fd(gate[1]);
    const pid_t self = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
      throw cannot("start a process");
    }
    if (child == 0) {
      // These ends are the parent's alone: whoever waits for it must see that it is dead.
      m_control = Fd();
      m_gate = Fd();
      guard(m_launch,
            {their_control.get(), their_gate.get(), m_output.writing_end(),
             (m_errors ? *m_errors : m_output).writing_end()},
            self, *m_report);
    }
    m_guard = child;
    m_output.close_writing_end();
    if (m_errors) {
      m_errors->close_writing_end();
    }
  }

  /// Once the guard is gone so is every writer. What then still lies in the pipes goes on, unless the function was
  /// ended by us and nobody reads.
  bool is_over() const {
    if (!m_guard_is_gone) {
      return false;
    }
    const auto settled = [&](const OutputStream& stream) {
      return stream.state() != OutputStream::State::open || (stream.is_blocked() && m_is_ended);
    };
    return m_is_given_up || (settled(m_output) && (!m_errors || settled(*m_errors)));
  }

  void step() {
    const int control = m_guard_is_gone ? -1 : m_control.get();
    std::array<pollfd, 4> ready{pollfd{m_signals.fd(), POLLIN, 0}, pollfd{control, POLLIN, 0}, m_output.events(),
                                m_errors ? m_errors->events() : pollfd{-1, 0, 0}};
    if (::poll(ready.data(), ready.size(), wait_ms()) < 0 && errno != EINTR) {
      throw cannot("wait for the function");
    }
    while (const auto signal = m_signals.next()) {
      pass_on(static_cast<int>(signal->ssi_signo));
    }
    if (m_deadline && Time::now() >= *m_deadline) {
      m_deadline.reset();
      end(FunctionEnd::How::timed_out);
    }
    if (m_kill_at && Time::now() >= *m_kill_at) {
      m_kill_at.reset();
      m_take_over_at = Time::now() + k_patience;
      tell(SIGKILL);
    }
    if (m_take_over_at && Time::now() >= *m_take_over_at) {
      m_take_over_at.reset();
      ::kill(m_guard, SIGKILL); // then its orphans are ours
    }
    if (m_unheard_at && Time::now() >= *m_unheard_at) {
      m_unheard_at.reset();
      if (!(*m_report).is_executed) { // the kernel hangs where it should execute it
        kill_unready();
      }
    }
    if (ready[1].revents != 0) {
      leave_guard();
      m_guard_is_gone = true;
      m_deadline.reset();
      m_kill_at.reset();
      m_take_over_at.reset();
      m_unheard_at.reset();
    }
    if (ready[2].revents != 0 || m_guard_is_gone) {
      moved(m_output);
    }
    if (m_errors && (ready[3].revents != 0 || m_guard_is_gone)) {
      moved(*m_errors);
    }
  }

  int wait_ms() const {
    constexpr auto k_never = Time::time_point::max();
    const auto next = std::min({m_deadline.value_or(k_never), m_kill_at.value_or(k_never),
                                m_take_over_at.value_or(k_never), m_unheard_at.value_or(k_never)});
    if (next == k_never) {
      return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Time::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void moved(OutputStream& stream) {
    const auto before = stream.state();
    const auto now = stream.move();
    if (before != now && now == OutputStream::State::too_long) {
      end(FunctionEnd::How::too_long);
    } else if (before != now && now == OutputStream::State::failed) {
      m_error = stream.error();
      end(FunctionEnd::How::not_delivered);
    }
  }

  /// TERM now, KILL later; the first reason stands.
  void end(FunctionEnd::How why) {
    if (!m_is_ended && !m_guard_is_gone) {
      m_kill_at = Time::now() + m_launch.grace;
      tell(SIGTERM);
      tell(SIGCONT);               // or what is stopped would not hear it
      if (!(*m_report).is_ready) { // there is nothing yet that could end by itself
        kill_unready();
      }
    }
    if (!m_is_ended) {
      m_is_ended = true;
      m_why = why;
    }
  }

  void pass_on(int signal) {
    if (signal == SIGCHLD) {
      let_guard_go_on();
    } else if (m_guard_is_gone) {
      m_is_given_up = m_is_given_up || asks_to_end(signal);
    } else if (const GuardReport& report = *m_report; !report.is_ready && asks_to_end(signal)) {
      kill_unready();
    } else if (signal == SIGTSTP) {
      tell(SIGSTOP);
      static_cast<void>(::raise(SIGSTOP));
      tell(SIGCONT); // we were continued
    } else {
      tell(signal);
      if (asks_to_end(signal) && !(*m_report).is_executed) {
        m_unheard_at = Time::now() + k_patience;
      }
    }
  }

  /// The guard waits for a function that makes itself ready, and may hang at a file or a user database.
  void kill_unready() const noexcept {
    if (!m_guard_is_gone) {
      ::kill(m_guard, SIGKILL); // the function dies with it
    }
  }

  /// A guard that its function has stopped sees neither an end nor a word.
  void let_guard_go_on() const noexcept {
    siginfo_t info{};
    if (m_guard > 0 && ::waitid(P_PID, static_cast<id_t>(m_guard), &info, WSTOPPED | WNOHANG) == 0 &&
        info.si_pid == m_guard) { // NOLINT(cppcoreguidelines-pro-type-union-access): libc's
      ::kill(m_guard, SIGCONT);
    }
  }

  void tell(int signal) const {
    const auto byte = static_cast<unsigned char>(signal);
    ::send(m_control.get(), &byte, 1, MSG_NOSIGNAL);
    ::kill(m_guard, SIGCONT); // it may have been stopped
  }

  /// It has said that nothing is left: what it is made of may go while something else is done. Or it was killed.
  void leave_guard() noexcept {
    const GuardReport& report = *m_report;
    if (report.is_complete) {
      m_left_processes = report.left_processes;
    } else {
      end_guard();
    }
  }

  /// Has the guard kill all that is left, and then does so itself: where the guard was killed, its orphans are ours.
  void end_guard() noexcept {
    if (m_guard <= 0) {
      return;
    }
    m_gate = Fd(); // where it was not released, it never is
    m_control = Fd();
    ::kill(m_guard, SIGCONT);
    const Fd end(static_cast<int>(::syscall(SYS_pidfd_open, m_guard, 0)));
    pollfd ended{end.get(), POLLIN, 0};
    if (end.is_open() && uninterrupted([&] { return ::poll(&ended, 1, k_patience.count()); }) == 0) {
      ::kill(m_guard, SIGKILL); // stopped again and again, or not done yet
    }
    static_cast<void>(uninterrupted([&] { return ::waitpid(m_guard, nullptr, 0); }));
    m_guard = 0;
    const GuardReport& report = *m_report;
    std::optional<int> ignored;
    m_left_processes = !kill_descendants(0, ignored) || report.left_processes;
  }

  FunctionEnd result() const {
    const GuardReport& report = *m_report;
    if (const auto& failure = report.failure; failure.exit_status != 0) {
      if (failure.message[0] == '\0') {
        errno = failure.error != 0 ? failure.error : ENOMEM;
        throw cannot("start a process");
      }
      throw NotRun(failure.exit_status, failure.code, failure.message.data(), failure.hint.data(), failure.error);
    }
    FunctionEnd end;
    end.output = m_output.moved();
    end.error = m_error;
    end.left_processes = m_left_processes;
    if (m_is_ended) {
      end.how = m_why;
      end.exit_status = m_why == FunctionEnd::How::timed_out ? k_timed_out : k_run_failed;
    } else if (!report.is_complete) {
      end.how = FunctionEnd::How::lost;
      end.exit_status = k_run_failed;
    } else {
      end.how = FunctionEnd::How::exited;
      end.exit_status = exit_status_of(report.status);
    }
    return end;
  }

  const FunctionLaunch& m_launch;
  SharedReport m_report;
  TakenSignals m_signals;
  OutputStream m_output;
  std::optional<OutputStream> m_errors; ///< where it is another one
  Fd m_control, m_gate;
  pid_t m_guard = 0;
  std::optional<Time::time_point> m_deadline, m_kill_at, m_take_over_at, m_unheard_at;
  bool m_guard_is_gone = false;
  bool m_is_ended = false; ///< by us: m_why
  bool m_is_given_up = false;
  FunctionEnd::How m_why = FunctionEnd::How::exited;
  int m_error = 0;
  bool m_left_processes = false;
};

FunctionProcess::FunctionProcess(const FunctionLaunch& launch) : m_run(std::make_unique<Run>(launch)) {}

FunctionProcess::~FunctionProcess() = default;

void FunctionProcess::release() noexcept { m_run->release(); }

FunctionEnd FunctionProcess::run() { return m_run->to_the_end(); }

} // namespace caplet
