#include "cli/child/exit_status.hpp"
#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <new>
#include <set>
#include <stdexcept>

namespace caplet::test {

using How = FunctionEnd::How;

TEST_CASE("every exit code comes through") {
  for (int code = 0; code <= 255; ++code) {
    const auto played = play_puppet("exit", {"exit", std::to_string(code)});
    CAPTURE(code);
    CHECK(played.end.how == How::exited);
    CHECK(played.end.exit_status == code);
  }
}

TEST_CASE("every signal comes through, as 128 and its number") {
  // What these do by default is not to end a process; STOP stops it, and its time ends it.
  const std::set<int> ignored{SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
  const std::set<int> nobody_could_continue_it{SIGTSTP, SIGTTIN, SIGTTOU}; // ignored in an orphaned group (POSIX)
  for (int signal = 1; signal <= 31; ++signal) {
    CAPTURE(signal);
    const auto played = play_puppet("raise", {"raise", std::to_string(signal)},
                                    [](FunctionLaunch& launch) { launch.timeout = std::chrono::milliseconds(400); });
    if (signal == SIGSTOP) {
      CHECK(played.end.exit_status == k_timed_out);
    } else if (ignored.contains(signal) || nobody_could_continue_it.contains(signal)) {
      CHECK(played.end.exit_status == 0);
    } else {
      CHECK(played.end.exit_status == 128 + signal);
    }
  }
}

TEST_CASE("what cannot be run says so in its status") {
  const auto status_of = [](const SealedProgram& program, const char* directory = "/") {
    try {
      play(program, {"it"}, [&](FunctionLaunch& launch) { launch.directory = directory; });
    } catch (const NotRun& e) {
      return e.exit_status();
    }
    return 0;
  };
  CHECK(status_of(seal_script("no shebang and no ELF\n")) == k_not_executable);
  CHECK(status_of(seal_script("")) == k_not_executable);
  CHECK(status_of(seal_script("#!/nowhere/at/all\n")) == k_no_program);
  CHECK(status_of(seal_script("#!/etc/passwd\n")) == k_not_executable);
  CHECK(status_of(seal_script("#!/bin/sh\n"), "/nowhere") == k_not_executable);
  CHECK(status_of(seal_script("#!/bin/sh\n")) == 0);
}

TEST_CASE("what goes wrong while a function makes itself ready is what its run says") {
  const auto script = seal_script("#!/bin/sh\n");
  const auto failure = [&](const std::function<void()>& work) {
    try {
      play(image_of(script, {"it"}), [&](FunctionLaunch& launch) {
        launch.image = [&] {
          work();
          return image_of(script, {"it"});
        };
      });
    } catch (const NotRun& e) {
      return fmt::format("{} {} {} {}", e.exit_status(), errc_info(e.code()).name, e.what(), e.hint());
    }
    return std::string("it was run");
  };
  CHECK(failure([] {}) == "it was run");
  CHECK(failure([] { throw NotRun(k_no_program, Errc::refused, "no", "do this", ENOENT); }) ==
        "127 refused no do this");
  CHECK(failure([] { throw Error(Errc::full, "no", "do this"); }) == "125 full no do this");
  CHECK(failure([] { throw std::runtime_error("no"); }) == "125 failed cannot run it: no ");
  CHECK(failure([] { throw std::bad_alloc(); }) == "125 failed cannot run it: std::bad_alloc ");
  const std::string long_one(100'000, 'x');
  CHECK(failure([&] { throw Error(Errc::failed, long_one, long_one); }) ==
        fmt::format("125 failed {} {}", long_one.substr(0, 8191), long_one.substr(0, 511)));
}

TEST_CASE("a function that hangs while it makes itself ready ends as any other") {
  const auto script = seal_script("#!/bin/sh\n");
  const pid_t self = ::getpid();
  const auto start = std::chrono::steady_clock::now();
  const auto hang = [&](int signal) {
    return play(image_of(script, {"it"}), [&](FunctionLaunch& launch) {
      launch.timeout = std::chrono::milliseconds(signal == 0 ? 100 : 60'000);
      launch.grace = std::chrono::milliseconds(100);
      launch.image = [&script, self, signal] {
        ::usleep(50'000); // the others are there by then
        if (signal != 0) {
          ::kill(self, signal);
        }
        ::pause();
        return image_of(script, {"it"});
      };
    });
  };
  CHECK(hang(0).end.how == How::timed_out);
  CHECK(hang(SIGTERM).end.how == How::lost);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("nothing is left of a function that hangs while it makes itself ready, when its caller is killed") {
  const auto script = seal_script("#!/bin/sh\n");
  std::array<int, 2> held{}; // by all that descend from here
  REQUIRE(::pipe(held.data()) == 0);
  const pid_t caller = ::fork();
  if (caller == 0) {
    FunctionLaunch launch;
    launch.image = [&] {
      ::pause();
      return image_of(script, {"it"});
    };
    const FunctionProcess process(launch);
    [[maybe_unused]] const auto written = ::write(held[1], "x", 1);
    ::pause();
  }
  ::close(held[1]);
  char byte = 0;
  REQUIRE(::read(held[0], &byte, 1) == 1);
  ::usleep(100'000); // the function hangs by then
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  pollfd end{held[0], POLLIN, 0};
  CHECK(::poll(&end, 1, 2000) == 1);
  CHECK(::read(held[0], &byte, 1) == 0);
  ::close(held[0]);
}

TEST_CASE("its time over, a function gets TERM, and KILL five seconds later") {
  const auto timeout = [](FunctionLaunch& launch) { launch.timeout = std::chrono::milliseconds(100); };
  const auto script = seal_script("#!/bin/sh\ntrap 'echo told; exit 7' TERM\nsleep 60 & wait\n");
  const auto told = play(script, {"script"}, timeout);
  CHECK(told.end.how == How::timed_out);
  CHECK(told.end.exit_status == k_timed_out);
  CHECK(told.output == "told\n");
  const auto start = std::chrono::steady_clock::now();
  CHECK(play_puppet("stubborn", {"stubborn"}, timeout).end.exit_status == k_timed_out);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(5));
}

TEST_CASE("what is made ready is not executed before it is run, and without that never") {
  const auto script = seal_script("#!/bin/sh\necho executed\n");
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd output(::memfd_create("output", MFD_CLOEXEC));
  FunctionLaunch launch;
  launch.image = [&] { return image_of(script, {"script"}); };
  launch.input = nothing.get();
  launch.output = launch.errors = output.get();
  constexpr useconds_t k_moment = 200'000;
  {
    FunctionProcess process(launch);
    ::usleep(k_moment);
    CHECK(content_of(output.get()) == "");
    process.release();
    CHECK(process.run().exit_status == 0);
    CHECK(content_of(output.get()) == "executed\n");
  }
  { const FunctionProcess never(launch); }
  CHECK(content_of(output.get()) == "executed\n");
}

} // namespace caplet::test
