#include "cli/child/descendants.hpp"

#include "store/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caplet {
namespace {

constexpr auto k_patience = std::chrono::seconds(10);
constexpr useconds_t k_nap = 1000;

/// The parent of a process, from /proc/PID/stat; 0 where there is none of that id. The name in parentheses may hold
/// anything, so it is read from its end.
pid_t parent_of(pid_t pid) {
  const Fd file(::open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> buffer{};
  const auto got = file.is_open() ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
  if (got <= 0) {
    return 0;
  }
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  constexpr std::size_t k_state = 4; // ") S " before the parent's id
  const auto name_end = text.rfind(')');
  pid_t parent = 0;
  if (name_end != std::string_view::npos && name_end + k_state < text.size()) {
    std::from_chars(text.data() + name_end + k_state, text.data() + text.size(), parent);
  }
  return parent;
}

/// All processes that descend from this one, the nearest first.
std::vector<pid_t> descendants() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), &::closedir);
  std::unordered_multimap<pid_t, pid_t> children;
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr == name.data() + name.size()) {
      children.emplace(parent_of(pid), pid);
    }
  }
  std::vector<pid_t> found{::getpid()};
  for (std::size_t i = 0; i < found.size(); ++i) { // grows
    const auto [first, last] = children.equal_range(found[i]);
    std::for_each(first, last, [&](const auto& each) { found.push_back(each.second); });
    children.erase(found[i]);
  }
  found.erase(found.begin());
  return found;
}

/// Whether a process descends from this one, asked of one parent after the other as they are now. What is deeper than
/// that comes nearer as those above it die.
bool is_descendant(pid_t pid) {
  constexpr int k_deepest = 64;
  for (int i = 0; i < k_deepest && pid > 1; ++i) {
    pid = parent_of(pid);
    if (pid == ::getpid()) {
      return true;
    }
  }
  return false;
}

/// Numbers are used again, the sooner the faster somebody forks: a process is held first, and then asked where it comes
/// from. What was found in a list before says nothing of it.
void send(pid_t pid, int signal) {
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (process.is_open() && is_descendant(pid)) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
  }
}

/// Reaps what is dead. Whether there is any child left.
bool reap(pid_t of_interest, std::optional<int>& status) {
  for (;;) {
    int how = 0;
    const pid_t child = ::waitpid(-1, &how, WNOHANG);
    if (child <= 0) {
      return child == 0;
    }
    if (child == of_interest) {
      status = how;
    }
  }
}

/// Stops all there are, until a look finds no new one.
void stop_all(std::chrono::steady_clock::time_point deadline) {
  std::set<pid_t> known;
  for (bool grew = true; grew && std::chrono::steady_clock::now() < deadline;) {
    grew = false;
    for (const pid_t pid : descendants()) {
      grew = known.insert(pid).second || grew;
      send(pid, SIGSTOP);
    }
  }
}

} // namespace

void adopt_orphans() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

bool kill_descendants(pid_t of_interest, std::optional<int>& status) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  try {
    while (reap(of_interest, status)) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      stop_all(deadline);
      for (const pid_t pid : descendants()) {
        send(pid, SIGKILL);
      }
      ::usleep(k_nap);
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace caplet
