#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace bench {

/// What a run of a program took.
struct Ran {
  double seconds = 0;
  double first_byte = 0; ///< of its standard output
  long most_memory = 0;  ///< KiB
};

/// Runs a program to its end; its standard output is read and dropped. Aborts where its exit status is not `status`.
inline Ran run_program(const std::vector<std::string>& words, const std::string& home, const std::string& input,
                       int status = 0) {
  using Clock = std::chrono::steady_clock;
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) {
    std::abort();
  }
  const auto start = Clock::now();
  const auto since_start = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(input.c_str(), O_RDONLY), STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    ::setenv("CAPLET_HOME", home.c_str(), 1);
    std::vector<char*> argv;
    for (const std::string& word : words) {
      argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(out[1]);
  Ran ran;
  std::vector<char> buffer(1U << 16U);
  while (::read(out[0], buffer.data(), buffer.size()) > 0) {
    ran.first_byte = ran.first_byte == 0 ? since_start() : ran.first_byte;
  }
  ::close(out[0]);
  int ended = 0;
  rusage used{};
  ::wait4(child, &ended, 0, &used);
  ran.seconds = since_start();
  ran.most_memory = used.ru_maxrss;
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != status) {
    fmt::print(stderr, "{} {} did not end with {}\n", words[0], words[1], status);
    std::abort();
  }
  return ran;
}

} // namespace bench
