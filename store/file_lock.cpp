#include "store/file_lock.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <thread>

namespace caplet {
namespace {

constexpr int k_flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

void wake_up(int /*signal*/) {}

/// Interrupts a blocking call of this thread once the deadline is over, and again every 20 ms: the first signal may
/// arrive just before the call begins to block.
class Alarm {
public:
  explicit Alarm(std::chrono::milliseconds deadline) {
    struct sigaction action {};
    action.sa_handler = wake_up; // without SA_RESTART
    sigemptyset(&action.sa_mask);
    sigaction(k_signal(), &action, &m_before);
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, k_signal());
    pthread_sigmask(SIG_UNBLOCK, &ours, &m_mask_before); // a parent may have blocked them all
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = k_signal();
    event._sigev_un._tid = gettid();
    m_armed = timer_create(CLOCK_MONOTONIC, &event, &m_timer) == 0;
    if (m_armed) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(deadline);
      itimerspec when{};
      when.it_value.tv_sec = seconds.count();
      when.it_value.tv_nsec = std::chrono::nanoseconds(deadline - seconds).count();
      when.it_interval.tv_nsec = 20'000'000;
      timer_settime(m_timer, 0, &when, nullptr);
    }
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() {
    if (m_armed) {
      timer_delete(m_timer);
    }
    pthread_sigmask(SIG_SETMASK, &m_mask_before, nullptr);
    sigaction(k_signal(), &m_before, nullptr);
  }
  bool armed() const noexcept { return m_armed; }

private:
  static int k_signal() noexcept { return SIGRTMAX - 3; }
  struct sigaction m_before {};
  sigset_t m_mask_before{};
  timer_t m_timer{};
  bool m_armed = false;
};

int lock_once(int fd, FileLock::Mode mode, int flags) {
  return ::flock(fd, (mode == FileLock::Mode::shared ? LOCK_SH : LOCK_EX) | flags);
}

} // namespace

FileLock::FileLock(const std::filesystem::path& path)
    : m_file(uninterrupted([&] { return ::open(path.c_str(), k_flags); })) {
  if (!m_file.is_open() && errno == ENOENT) {
    m_file = Fd(uninterrupted([&] { return ::open(path.c_str(), k_flags | O_CREAT, 0600); }));
    if (!m_file.is_open() && (errno == EROFS || errno == EACCES)) {
      return;
    }
  }
  if (!m_file.is_open()) {
    const int error = errno;
    if (error == ELOOP || error == ENXIO) {
      check_private_file(path, "the lock file");
    }
    throw_errno("cannot open the lock file", path, error);
  }
  check_private_file(path, "the lock file");
}

bool FileLock::acquire(Mode mode, std::chrono::milliseconds deadline) {
  if (!m_file.is_open() || lock_once(m_file.get(), mode, LOCK_NB) == 0) {
    return true;
  }
  if (deadline <= std::chrono::milliseconds::zero()) {
    return false;
  }
  const auto end = std::chrono::steady_clock::now() + deadline;
  const Alarm alarm(deadline);
  while (true) {
    if (lock_once(m_file.get(), mode, alarm.armed() ? 0 : LOCK_NB) == 0) {
      return true;
    }
    if ((errno != EINTR && errno != EWOULDBLOCK) || std::chrono::steady_clock::now() >= end) {
      return false;
    }
    if (!alarm.armed()) { // no timer to be had (a limit of the user's): look again and again
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

void FileLock::release() noexcept {
  if (m_file.is_open()) {
    ::flock(m_file.get(), LOCK_UN);
  }
}

} // namespace caplet
