#include "cli/child/exit_status.hpp"
#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <thread>

namespace caplet::test {
namespace {

using How = FunctionEnd::How;

/// What a function does to outlive its end.
constexpr std::array<const char*, 7> k_tricks{"bomb", "parent-of-daemon", "stubborn", "endless", "closed",
                                              "held", "stop-parent"};

/// A standard input that stays open and says nothing.
class HeldInput {
public:
  HeldInput() { REQUIRE(::pipe2(m_ends.data(), O_CLOEXEC) == 0); }
  HeldInput(const HeldInput&) = delete;
  HeldInput& operator=(const HeldInput&) = delete;
  ~HeldInput() {
    ::close(m_ends[0]);
    ::close(m_ends[1]);
  }
  int get() const { return m_ends[0]; }

private:
  std::array<int, 2> m_ends{};
};

/// A process that runs the puppet, as caplet would.
class Runner {
public:
  Runner(const std::string& mark, const std::string& trick, int input) : m_pid(::fork()) {
    REQUIRE(m_pid >= 0);
    if (m_pid == 0) {
      ::setsid();
      const auto played = play_puppet(mark, {trick}, [&](FunctionLaunch& launch) { launch.input = input; });
      ::_exit(played.end.exit_status);
    }
    for (int i = 0; i < 400 && count_marked(mark) == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    REQUIRE(count_marked(mark) > 0);
  }
  int end(int signal) {
    ::kill(m_pid, signal);
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    return exit_status_of(status);
  }

private:
  pid_t m_pid;
};

} // namespace

TEST_CASE("nothing survives a function whose time is over") {
  for (const char* trick : k_tricks) {
    CAPTURE(trick);
    const HeldInput input;
    const std::string mark = draw_mark();
    const auto played = play_puppet(mark, {trick}, [&](FunctionLaunch& launch) {
      launch.input = input.get();
      launch.timeout = std::chrono::milliseconds(300);
      launch.grace = std::chrono::milliseconds(300);
      launch.most_output = std::uint64_t{1} << 32U;
    });
    CHECK(played.end.how == How::timed_out);
    CHECK(count_marked(mark) == 0);
    CHECK_FALSE(played.end.left_processes);
  }
}

TEST_CASE("nothing survives kill -9 of the process that runs a function") {
  for (const char* trick : k_tricks) {
    CAPTURE(trick);
    const HeldInput input;
    const std::string mark = draw_mark();
    Runner runner(mark, trick, input.get());
    CHECK(runner.end(SIGKILL) == 128 + SIGKILL);
    CHECK(survivors(mark) == 0);
  }
}

TEST_CASE("a daemon does not survive the function that made it") {
  const std::string mark = draw_mark();
  const auto played = play_puppet(mark, {"daemon"});
  CHECK(played.end.how == How::exited);
  CHECK(played.end.exit_status == 0);
  CHECK(count_marked(mark) == 0);
}

TEST_CASE("a function that kills its guard is killed with it") {
  const std::string mark = draw_mark();
  const auto played = play_puppet(mark, {"kill-parent"});
  CHECK(played.end.how == How::lost);
  CHECK(played.end.exit_status == k_run_failed);
  CHECK(count_marked(mark) == 0);
}

TEST_CASE("a function that stops its guard again and again is ended all the same") {
  const std::string mark = draw_mark();
  const auto played = play_puppet(mark, {"stop-parent-often"}, [](FunctionLaunch& launch) {
    launch.timeout = std::chrono::milliseconds(300);
    launch.grace = std::chrono::milliseconds(300);
  });
  CHECK(played.end.how == How::timed_out);
  CHECK(count_marked(mark) == 0);
}

TEST_CASE("the end of a function that stopped its guard is seen") {
  const auto played = play(seal_script("#!/bin/sh\nkill -STOP $PPID\nexit 7\n"), {"script"});
  CHECK(played.end.how == How::exited);
  CHECK(played.end.exit_status == 7);
}

TEST_CASE("signals reach the function, whose end is the answer") {
  const HeldInput input;
  for (const char* trick : {"sleep", "stop-parent"}) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      CAPTURE(trick, signal);
      const std::string mark = draw_mark();
      Runner runner(mark, trick, input.get());
      CHECK(runner.end(signal) == 128 + signal);
      CHECK(survivors(mark) == 0);
    }
  }
}

} // namespace caplet::test
