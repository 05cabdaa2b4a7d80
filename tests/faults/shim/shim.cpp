// Loaded before libc (LD_PRELOAD): numbers the calls that change files, and lets one of them go wrong.
//
//   CAPLET_FAULT               "MODE K": at the K-th call, kill-before or kill-after it; error-N: it fails with errno
//   N;
//                              from-N: it and all that come after it fail so; short: it writes half of its bytes
//   CAPLET_FAULT_LOG           file that gets a line for each call: its name, and the file; `!` is before a faulty one
//   CAPLET_FAULT_NO_RENAMEAT2  set: renameat2 is as on a file system that knows none of its flags
//
// A fork of the process is spared: what it calls is not numbered.
// EINTR is given to calls that may be interrupted alone, and short writes to writes: the others are not counted.

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

enum class Mode { none, kill_before, kill_after, error, from, short_write };
enum class Kind { write, interruptible, other };

struct Plan {
  Mode mode = Mode::none;
  long at = 0;
  int error = 0;
  int log = -1;
  long calls = 0;
};

Plan read_plan() {
  Plan plan;
  if (const char* log = std::getenv("CAPLET_FAULT_LOG")) {
    // A high number, so that caplet's own descriptors are what they would be.
    const auto fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600));
    plan.log = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    close(fd);
  }
  const char* fault = std::getenv("CAPLET_FAULT");
  if (fault == nullptr) {
    return plan;
  }
  std::array<char, 16> mode{};
  if (std::sscanf(fault, "%15[a-z-]%d %ld", mode.data(), &plan.error, &plan.at) != 3 &&
      std::sscanf(fault, "%15[a-z-] %ld", mode.data(), &plan.at) != 2) {
    std::abort();
  }
  const std::string_view word = mode.data();
  plan.mode = word == "kill-before"  ? Mode::kill_before
              : word == "kill-after" ? Mode::kill_after
              : word == "error-"     ? Mode::error
              : word == "from-"      ? Mode::from
                                     : Mode::short_write;
  return plan;
}

Plan& plan() {
  static Plan the_plan = read_plan();
  return the_plan;
}

__attribute__((constructor)) void spare_forks() {
  pthread_atfork(nullptr, nullptr, [] {
    plan().mode = Mode::none;
    plan().log = -1;
  });
}

/// What a call is about: a path, or a descriptor.
struct Subject {
  const char* path = nullptr;
  int fd = -1;
};

void note(bool fault, const char* name, const Subject& subject) {
  std::array<char, 512> target{};
  if (subject.path == nullptr) {
    std::array<char, 64> link{};
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", subject.fd);
    if (syscall(SYS_readlinkat, AT_FDCWD, link.data(), target.data(), target.size() - 1) < 0 || subject.fd <= 2) {
      std::snprintf(target.data(), target.size(), "%d", subject.fd);
    }
  }
  std::array<char, 768> line{};
  const int length = std::snprintf(line.data(), line.size(), "%s%s %s\n", fault ? "!" : "", name,
                                   subject.path != nullptr ? subject.path : target.data());
  syscall(SYS_write, plan().log, line.data(), length);
}

bool is_counted(Kind kind) {
  switch (plan().mode) {
  case Mode::short_write:
    return kind == Kind::write;
  case Mode::error:
    return plan().error != EINTR || kind != Kind::other;
  default:
    return true;
  }
}

void die() { syscall(SYS_kill, getpid(), SIGKILL); }

/// Makes the call, `work(whole)`, or does what the plan says.
template <typename Work>
long call(const char* name, Kind kind, const Subject& subject, const Work& work) {
  const int before = errno;
  const bool to_stderr = subject.path == nullptr && subject.fd == STDERR_FILENO; // words to a person are no state
  const bool counted = !to_stderr && is_counted(kind);
  plan().calls += counted ? 1 : 0;
  const bool is_it = counted && (plan().mode == Mode::from ? plan().calls >= plan().at : plan().calls == plan().at);
  if (counted) {
    note(is_it && plan().mode != Mode::none, name, subject);
  }
  errno = before;
  if (!is_it || plan().mode == Mode::none) {
    return work(true);
  }
  if (plan().mode == Mode::kill_before) {
    die();
  }
  if (plan().mode == Mode::error || plan().mode == Mode::from) {
    errno = plan().error;
    return -1;
  }
  const long result = work(plan().mode != Mode::short_write);
  if (plan().mode == Mode::kill_after) {
    die();
  }
  return result;
}

int open_at(int directory, const char* path, int flags, va_list& rest) {
  const bool makes = (flags & O_CREAT) != 0;
  const unsigned mode = makes || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, unsigned) : 0;
  const auto work = [&](bool) { return syscall(SYS_openat, directory, path, flags, mode); };
  return static_cast<int>(makes ? call("open", Kind::interruptible, {path}, work) : work(true));
}

int any(const char* name, const Subject& subject, long number, long a, long b = 0, long c = 0, long d = 0, long e = 0) {
  return static_cast<int>(call(name, Kind::other, subject, [&](bool) { return syscall(number, a, b, c, d, e); }));
}

int any(const char* name, int fd, long number, long a, long b = 0, long c = 0) {
  return static_cast<int>(
      call(name, Kind::interruptible, {nullptr, fd}, [&](bool) { return syscall(number, fd, a, b, c); }));
}

long address(const char* path) { return reinterpret_cast<long>(path); }

ssize_t write_at(int fd, const void* bytes, size_t size, off_t offset) {
  return call("pwrite", Kind::write, {nullptr, fd}, [&](bool whole) {
    return syscall(SYS_pwrite64, fd, bytes, whole || size < 2 ? size : size / 2, offset);
  });
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = open_at(AT_FDCWD, path, flags, rest);
  va_end(rest);
  return fd;
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = open_at(AT_FDCWD, path, flags, rest);
  va_end(rest);
  return fd;
}

int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = open_at(directory, path, flags, rest);
  va_end(rest);
  return fd;
}

int openat64(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int fd = open_at(directory, path, flags, rest);
  va_end(rest);
  return fd;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return call("write", Kind::write, {nullptr, fd},
              [&](bool whole) { return syscall(SYS_write, fd, bytes, whole || size < 2 ? size : size / 2); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) { return write_at(fd, bytes, size, offset); }
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) { return write_at(fd, bytes, size, offset); }

int fsync(int fd) { return any("fsync", fd, SYS_fsync, 0); }
int fdatasync(int fd) { return any("fdatasync", fd, SYS_fdatasync, 0); }
int ftruncate(int fd, off_t size) noexcept { return any("ftruncate", fd, SYS_ftruncate, size); }
int ftruncate64(int fd, off64_t size) noexcept { return any("ftruncate", fd, SYS_ftruncate, size); }
int fallocate(int fd, int mode, off_t at, off_t size) { return any("fallocate", fd, SYS_fallocate, mode, at, size); }
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  return any("fallocate", fd, SYS_fallocate, mode, at, size);
}
int posix_fallocate(int fd, off_t at, off_t size) { return fallocate(fd, 0, at, size) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

int unlink(const char* path) noexcept { return any("unlink", Subject{path}, SYS_unlink, address(path)); }
int mkdir(const char* path, mode_t mode) noexcept {
  return any("mkdir", Subject{path}, SYS_mkdir, address(path), mode);
}
int link(const char* from, const char* to) noexcept {
  return any("link", Subject{to}, SYS_link, address(from), address(to));
}
int rename(const char* from, const char* to) noexcept {
  return any("rename", Subject{to}, SYS_rename, address(from), address(to));
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) noexcept {
  if (flags != 0 && std::getenv("CAPLET_FAULT_NO_RENAMEAT2") != nullptr) {
    errno = EINVAL;
    return -1;
  }
  return any("rename", Subject{to}, SYS_renameat2, from_directory, address(from), to_directory, address(to), flags);
}
}
