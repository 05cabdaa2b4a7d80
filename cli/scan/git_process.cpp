#include "cli/scan/git_process.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace caplet {
namespace {

[[noreturn]] void throw_undecided(std::string_view what, int error) {
  throw Error(Errc::undecided, fmt::format("{}: {}", what, std::strerror(error)), "try again");
}

/// What may not come from the repository's configuration. Each of these was, or could be, a way to have git execute
/// something: gitattributes(5) and git-config(1), githooks(5), gitremote-helpers(7).
constexpr std::array k_settings{"core.fsmonitor=false",  "core.hooksPath=/dev/null", "core.pager=cat",
                                "core.sshCommand=false", "credential.helper=",       "protocol.allow=never",
                                "diff.external=",        "log.showSignature=false",  "gc.auto=0",
                                "maintenance.auto=false"};

constexpr std::array k_fixed{"LC_ALL=C",
                             "GIT_OPTIONAL_LOCKS=0",
                             "GIT_TERMINAL_PROMPT=0",
                             "GIT_PAGER=cat",
                             "GIT_ALLOW_PROTOCOL=none",
                             "GIT_NO_LAZY_FETCH=1",
                             "GIT_NO_REPLACE_OBJECTS=1",
                             "GIT_LITERAL_PATHSPECS=1"};

/// Taken over: what git needs to be found, and to find its user's own settings (safe.directory is one of them).
constexpr std::array k_kept{
    "PATH", "HOME",    "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
    "USER", "LOGNAME", "TMPDIR"};
constexpr std::array k_of_hooks{"GIT_DIR",
                                "GIT_INDEX_FILE",
                                "GIT_WORK_TREE",
                                "GIT_OBJECT_DIRECTORY",
                                "GIT_COMMON_DIR",
                                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                "GIT_QUARANTINE_PATH"};

std::vector<std::string> variables(const Environment& environment, HookVariables hook) {
  std::vector<std::string> all(k_fixed.begin(), k_fixed.end());
  const auto take = [&](const char* name) {
    if (const auto value = environment(name)) {
      all.push_back(fmt::format("{}={}", name, *value));
    }
  };
  for (const char* name : k_kept) {
    take(name);
  }
  if (hook == HookVariables::keep) {
    for (const char* name : k_of_hooks) {
      take(name);
    }
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (std::string& word : words) {
    all.push_back(word.data());
  }
  all.push_back(nullptr);
  return all;
}

/// What posix_spawn() wants to know, freed with this object.
struct SpawnPlan {
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

Fd memory_file(const char* name) {
  Fd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open()) {
    throw_undecided("no memory for what git says", errno);
  }
  return file;
}

} // namespace

GitProcess::GitProcess(const Environment& environment, const std::string& directory,
                       const std::vector<std::string>& words, Fd input, HookVariables hook) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    throw_undecided("git cannot be started", errno);
  }
  m_output = Fd(pipe[0]);
  const Fd writing(pipe[1]);
  m_errors = memory_file("git-errors");

  std::vector<std::string> command{"git", "--no-pager"};
  for (const char* setting : k_settings) {
    command.insert(command.end(), {"-c", setting});
  }
  if (directory != ".") { // there, what hooks are told may be relative
    command.insert(command.end(), {"-C", directory});
  }
  command.insert(command.end(), words.begin(), words.end());
  std::vector<std::string> environ = variables(environment, hook);

  SpawnPlan plan;
  if (input.is_open()) {
    ::posix_spawn_file_actions_adddup2(&plan.actions, input.get(), STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  ::posix_spawn_file_actions_adddup2(&plan.actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&plan.actions, m_errors.get(), STDERR_FILENO);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGPIPE); // we ignore it; git is to end when nobody reads
  ::posix_spawnattr_setsigdefault(&plan.attributes, &signals);
  ::posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawnp(&m_pid, "git", &plan.actions, &plan.attributes, pointers(command).data(),
                                   pointers(environ).data());
  if (error != 0) {
    m_pid = -1;
    throw_undecided("git cannot be started", error);
  }
}

GitProcess::~GitProcess() {
  if (m_pid > 0) {
    ::kill(m_pid, SIGKILL);
    uninterrupted([&] { return ::waitpid(m_pid, nullptr, 0); });
  }
}

std::string GitProcess::read_all() {
  std::string all;
  std::array<char, 65536> buffer{};
  for (;;) {
    const std::size_t taken = read_up_to(m_output.get(), buffer.data(), buffer.size());
    all.append(buffer.data(), taken);
    if (taken < buffer.size()) {
      return all;
    }
  }
}

std::string GitProcess::finish() {
  m_output = Fd();
  int status = 0;
  const pid_t ended = uninterrupted([&] { return ::waitpid(m_pid, &status, 0); });
  m_pid = -1;
  if (ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return {};
  }
  std::array<char, 1024> text{};
  const auto size = ::pread(m_errors.get(), text.data(), text.size(), 0);
  std::string_view said(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  said = said.substr(0, said.find('\n'));
  if (!said.empty()) {
    return escape(said);
  }
  return WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                             : fmt::format("ended with status {}", WEXITSTATUS(status));
}

std::string git_output(const Environment& environment, const std::string& directory,
                       const std::vector<std::string>& words, HookVariables hook) {
  GitProcess git(environment, directory, words, Fd(), hook);
  std::string output = git.read_all();
  if (const std::string failure = git.finish(); !failure.empty()) {
    throw Error(Errc::undecided, fmt::format("git cannot tell: {}", failure),
                "see what git itself says there: git status");
  }
  return output;
}

Fd input_of(std::string_view text) {
  Fd file = memory_file("git-input");
  while (!text.empty()) {
    const auto written = uninterrupted([&] { return ::write(file.get(), text.data(), text.size()); });
    if (written < 0) {
      throw_undecided("no memory for what git is asked", errno);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::size_t read_up_to(int fd, char* into, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const auto taken = uninterrupted([&] { return ::read(fd, into + done, size - done); });
    if (taken < 0) {
      throw_undecided("what git says cannot be read", errno);
    }
    if (taken == 0) {
      break;
    }
    done += static_cast<std::size_t>(taken);
  }
  return done;
}

} // namespace caplet
