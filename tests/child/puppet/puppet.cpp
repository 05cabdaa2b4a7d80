// A program that behaves as badly as it is told to: what the tests of this folder run.
#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern char** environ; // NOLINT(readability-redundant-declaration)

namespace {

[[noreturn]] void sleep_for_ever() {
  for (;;) {
    ::pause();
  }
}

void ignore_all() {
  for (int signal = 1; signal < NSIG; ++signal) {
    ::signal(signal, SIG_IGN); // NOLINT(cert-err33-c): some cannot be
  }
  ::signal(SIGCHLD, SIG_DFL);
}

int print_surroundings() {
  for (char** each = environ; *each != nullptr; ++each) {
    std::printf("env %s\n", *each);
  }
  std::vector<int> open;
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      open.push_back(fd);
    }
  }
  for (const int fd : open) {
    std::printf("fd %d\n", fd);
  }
  sigset_t blocked;
  ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction how {};
    ::sigaction(signal, nullptr, &how);
    if (how.sa_handler != SIG_DFL ||
        ::sigismember(&blocked, signal) == 1) { // NOLINT(cppcoreguidelines-pro-type-union-access)
      std::printf("signal %d\n", signal);
    }
  }
  std::array<char, 4096> directory{};
  std::printf("cwd %s\nsession %d\n", ::getcwd(directory.data(), directory.size()), ::getsid(0) == ::getpid());
  std::FILE* status = std::fopen("/proc/self/status", "r");
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), status) != nullptr) {
    if (std::string_view(line.data()).starts_with("NoNewPrivs") || std::string_view(line.data()).starts_with("Umask")) {
      std::fputs(line.data(), stdout);
    }
  }
  return std::fclose(status);
}

/// A daemon by the book: two forks, a session of its own, every descriptor closed. Its first parent ends.
int daemonise(bool is_parent_kept) {
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      ignore_all();
      for (int fd = 0; fd < 1024; ++fd) {
        ::close(fd);
      }
      sleep_for_ever();
    }
    ::_exit(0);
  }
  ::wait(nullptr);
  ::usleep(20'000);
  if (is_parent_kept) {
    sleep_for_ever();
  }
  return 0;
}

/// 127 processes that ignore everything, and of which 64 go on forking as fast as they can.
[[noreturn]] void bomb(int depth) {
  ignore_all();
  if (depth > 0) {
    if (::fork() == 0) {
      bomb(depth - 1);
    }
    if (::fork() == 0) {
      bomb(depth - 1);
    }
    sleep_for_ever();
  }
  for (;;) {
    if (::fork() == 0) {
      ::setsid();
      ::usleep(2'000);
      ::_exit(0);
    }
    ::wait(nullptr);
  }
}

/// `count` bytes of a pattern that shows where one is missing.
int write_pattern(unsigned long long count) {
  std::vector<char> block(std::size_t{1} << 16U);
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<char>((i * 31 + i / 256) & 0xFFU);
  }
  while (count > 0) {
    const auto written = ::write(1, block.data(), std::min<unsigned long long>(count, block.size()));
    if (written != static_cast<ssize_t>(std::min<unsigned long long>(count, block.size()))) {
      return 9; // whoever reads blocks only
    }
    count -= static_cast<unsigned long long>(written);
  }
  return 0;
}

int copy_input() {
  std::vector<char> block(std::size_t{1} << 16U);
  for (ssize_t got = 0; (got = ::read(0, block.data(), block.size())) > 0;) {
    if (::write(1, block.data(), static_cast<std::size_t>(got)) != got) {
      return 9;
    }
  }
  return 0;
}

} // namespace

/// puppet MARK WHAT [NUMBER]
int main(int argc, char** argv) {
  const std::string_view what = argc > 2 ? argv[2] : "";
  const long long number = argc > 3 ? std::atoll(argv[3]) : 0;
  if (what == "exit") {
    return static_cast<int>(number);
  }
  if (what == "raise") {
    ::raise(static_cast<int>(number));
    return 0;
  }
  if (what == "surroundings") {
    return print_surroundings();
  }
  if (what == "daemon") {
    return daemonise(false);
  }
  if (what == "parent-of-daemon") {
    return daemonise(true);
  }
  if (what == "bomb") {
    bomb(6);
  }
  if (what == "stubborn") {
    ignore_all();
    sleep_for_ever();
  }
  if (what == "sleep") {
    sleep_for_ever();
  }
  if (what == "endless") {
    ignore_all();
    for (;;) {
      if (write_pattern(1 << 20) != 0) {
        ::usleep(1000);
      }
    }
  }
  if (what == "closed") {
    ::close(1);
    ::close(2);
    ignore_all();
    sleep_for_ever();
  }
  if (what == "held") {
    ::signal(SIGTERM, SIG_IGN); // NOLINT(cert-err33-c)
    return copy_input();
  }
  if (what == "kill-parent") {
    ::kill(::getppid(), SIGKILL);
    sleep_for_ever();
  }
  if (what == "stop-parent") {
    ::kill(::getppid(), SIGSTOP);
    sleep_for_ever();
  }
  if (what == "stop-parent-often") {
    ignore_all();
    for (;;) {
      ::kill(::getppid(), SIGSTOP);
    }
  }
  if (what == "write") {
    return write_pattern(static_cast<unsigned long long>(number));
  }
  if (what == "copy") {
    return copy_input();
  }
  if (what == "errors") {
    return ::write(2, "to standard error\n", 18) == 18 ? 0 : 9;
  }
  return 99;
}
