#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What a run of a program took.
struct Ran {
  double seconds = 0;
  double cpu = 0;        ///< seconds of the processor, its own and the system's for it
  double first_byte = 0; ///< of its standard output
  long most_memory = 0;  ///< KiB
};

inline double cpu_of(const rusage& used) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Seconds of the processor that `work` takes: what else runs on the machine counts less than in seconds of the clock.
inline double cpu_seconds(const std::function<void()>& work) {
  rusage before{};
  rusage after{};
  ::getrusage(RUSAGE_SELF, &before);
  work();
  ::getrusage(RUSAGE_SELF, &after);
  return cpu_of(after) - cpu_of(before);
}

/// The most memory that a running process has had, in KiB. (ru_maxrss counts what it was forked from.)
inline long peak_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      long peak = 0;
      status >> peak;
      return peak;
    }
  }
  return 0;
}

/// Where a program writes to: nowhere, or to us, who tell then when its first byte came and how much memory it had.
enum class Answer { dropped, read };

/// Runs a program to its end. Aborts where its exit status is not `status`.
inline Ran run_program(const std::vector<std::string>& words, const std::string& home, const std::string& input,
                       Answer answer, int status = 0) {
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
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    ::dup2(answer == Answer::read ? out[1] : STDERR_FILENO, STDOUT_FILENO);
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
  for (int reads = 0; ::read(out[0], buffer.data(), buffer.size()) > 0; ++reads) {
    ran.first_byte = ran.first_byte == 0 ? since_start() : ran.first_byte;
    if (reads % 64 == 0) {
      ran.most_memory = std::max(ran.most_memory, peak_of(child));
    }
  }
  ::close(out[0]);
  int ended = 0;
  rusage used{};
  ::wait4(child, &ended, 0, &used);
  ran.seconds = since_start();
  ran.cpu = cpu_of(used);
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != status) {
    fmt::print(stderr, "{} {} did not end with {}\n", words[0], words[1], status);
    std::abort();
  }
  return ran;
}

} // namespace bench
