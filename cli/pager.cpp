#include "cli/pager.hpp"

#include "core/secret.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

namespace caplet {
namespace {

/// Whether it went wrong by itself, and the text is still to be shown: not where a person ended it.
bool failed(int status) {
  constexpr int k_by_signal = 128; // what a shell adds
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - k_by_signal;
  const bool by_a_person =
      signal == SIGINT || signal == SIGQUIT || signal == SIGTERM || signal == SIGHUP || signal == SIGPIPE;
  return !by_a_person && (WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

std::size_t rows_of(const Output& out) {
  winsize size{};
  return out.is_terminal() && ::ioctl(out.fd(), TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

/// The pager's command; empty for none.
std::string command_of(Context& context, const Arguments& arguments, std::string_view text) {
  const std::size_t rows = rows_of(context.out());
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (arguments.has("no-pager") || rows == 0 || lines < rows) {
    return {};
  }
  auto command = context.config().value("pager");
  if (!command) {
    command = context.environment()("PAGER");
  }
  if (!command) { // less on a terminal that cannot move its cursor says so and waits
    return context.environment()("TERM").value_or("dumb") == "dumb" ? "" : "less";
  }
  const bool is_none = *command == "cat" || command->find_first_not_of(" \t\n") == std::string::npos;
  return is_none ? "" : *command;
}

/// Ctrl-C at a pager is the pager's: it must not take us, and the terminal with it.
class IgnoreInterrupts {
public:
  IgnoreInterrupts() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &m_interrupt);
    ::sigaction(SIGQUIT, &ignore, &m_quit);
  }
  IgnoreInterrupts(const IgnoreInterrupts&) = delete;
  IgnoreInterrupts& operator=(const IgnoreInterrupts&) = delete;
  ~IgnoreInterrupts() {
    ::sigaction(SIGINT, &m_interrupt, nullptr);
    ::sigaction(SIGQUIT, &m_quit, nullptr);
  }

private:
  struct sigaction m_interrupt {};
  struct sigaction m_quit {};
};

/// Starts it with `input` as its standard input; -1 where it cannot be started.
pid_t start(const std::string& command, int input, const std::vector<std::string>& variables) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1); // one may hold a token
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGQUIT}) { // we ignore them, and that is inherited
    sigaddset(&usual, signal);
  }
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh";
  std::string option = "-c";
  std::string line = command;
  const std::array<char*, 4> words{shell.data(), option.data(), line.data(), nullptr};
  std::vector<char*> environment;
  environment.reserve(variables.size() + 1);
  for (const std::string& variable : variables) {
    environment.push_back(const_cast<char*>(variable.c_str())); // NOLINT(*-const-cast): it is not written to
  }
  environment.push_back(nullptr);
  pid_t child = -1;
  const int error = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, words.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? child : -1;
}

/// Our environment, which CAPLET_TOKEN was taken out of, and how less and lv behave where nothing says so.
std::vector<std::string> environment_of() {
  std::vector<std::string> variables{"LESS=FRX", "LV=-c"};
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    std::erase_if(variables, [&](const std::string& ours) {
      return variable.starts_with(std::string_view(ours).substr(0, ours.find('=') + 1));
    });
    variables.emplace_back(variable);
  }
  return variables;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = uninterrupted([&] { return ::write(fd, text.data(), text.size()); });
    if (written < 0) { // EPIPE: the reader has seen enough
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace

void print_paged(Context& context, const Arguments& arguments, std::string_view text) {
  const std::string command = command_of(context, arguments, text);
  std::array<int, 2> ends{-1, -1};
  if (command.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    context.out().write(text);
    return;
  }
  context.out().flush();
  Fd input(ends[0]);
  Fd output(ends[1]);
  const IgnoreInterrupts ignore;
  const pid_t child = start(command, input.get(), environment_of());
  input = Fd();
  if (child < 0) {
    context.out().write(text);
    return;
  }
  write_all(output.get(), text);
  output = Fd();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed(status)) {
    context.warn(fmt::format("the pager \"{}\" failed", escape(command, 80)));
    context.out().write(text);
  }
}

} // namespace caplet
