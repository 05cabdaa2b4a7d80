#include "tests/storm/caplet.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace caplet::test {

Caplet::Caplet(const TemporaryHome& home, std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  arguments.insert(arguments.begin(), CAPLET_BINARY);
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::string variable = "CAPLET_HOME=" + home.path().string();
  std::array<char*, 2> environment{variable.data(), nullptr};
  const int failed = ::posix_spawn(&m_pid, CAPLET_BINARY, &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  m_output = ends[0];
  if (failed != 0) {
    throw std::system_error(failed, std::generic_category(), CAPLET_BINARY);
  }
}

Caplet::~Caplet() { ::close(m_output); }

void Caplet::kill() const { ::kill(m_pid, SIGKILL); }

int Caplet::wait(std::string& output) const {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::read(m_output, buffer.data(), buffer.size());
    if (got <= 0) {
      break;
    }
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(m_pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(const TemporaryHome& home, std::vector<std::string> arguments, std::string& output) {
  return Caplet(home, std::move(arguments)).wait(output);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// How many events there are, after asking SQLite whether they are numbered without a gap.
int count_events(const Location& location) {
  CHECK(query_sql(location, "SELECT count(*) = max(seq) FROM event") == "1");
  return std::stoi(query_sql(location, "SELECT count(*) FROM event"));
}

} // namespace caplet::test
