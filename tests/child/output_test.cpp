#include "cli/child/exit_status.hpp"
#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <pty.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace caplet::test {
namespace {

using How = FunctionEnd::How;

constexpr std::size_t k_size = 3'000'001;

/// All that comes out of a descriptor until its end, read slowly at first so that its writer has to wait.
std::string drain(int fd) {
  std::string text;
  std::array<char, 60'000> block{};
  for (ssize_t got = 0; (got = ::read(fd, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() < 400'000) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return text;
}

std::string pattern() { return play_puppet("write", {"write", std::to_string(k_size)}).output; }

/// What the other end reads while the puppet writes to this one.
std::string through(int from, int to) {
  std::string got;
  std::thread reader([&] { got = drain(from); });
  const auto played =
      play_puppet("write", {"write", std::to_string(k_size)}, [&](FunctionLaunch& launch) { launch.output = to; });
  CHECK(played.end.exit_status == 0);
  CHECK(played.end.output == k_size);
  ::close(to);
  reader.join();
  ::close(from);
  return got;
}

} // namespace

TEST_CASE("output comes through byte for byte, wherever it goes") {
  const std::string expected = pattern();
  REQUIRE(expected.size() == k_size);
  std::array<int, 2> ends{};
  SECTION("a pipe") {
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    CHECK(through(ends[0], ends[1]) == expected);
  }
  SECTION("a pipe that somebody made non-blocking") {
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    CHECK(through(ends[0], ends[1]) == expected);
  }
  SECTION("a socket") {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    CHECK(through(ends[0], ends[1]) == expected);
  }
  SECTION("a file that is added to") {
    const Fd file(::memfd_create("file", MFD_CLOEXEC));
    ::fcntl(file.get(), F_SETFL, O_APPEND);
    play_puppet("write", {"write", std::to_string(k_size)},
                [&](FunctionLaunch& launch) { launch.output = file.get(); });
    std::string text(k_size + 1, '\0');
    REQUIRE(::pread(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(k_size));
    text.pop_back();
    CHECK(text == expected);
  }
  SECTION("a terminal") {
    REQUIRE(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) == 0);
    termios raw{};
    ::tcgetattr(ends[1], &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(ends[1], TCSANOW, &raw);
    CHECK(through(ends[0], ends[1]) == expected);
  }
}

TEST_CASE("a function's errors go where errors go") {
  const auto played = play_puppet("errors", {"errors"});
  CHECK(played.output.empty());
  CHECK(played.errors == "to standard error\n");
}

TEST_CASE("output ends where it may not be longer, to the byte") {
  const auto limited = [](std::uint64_t most) {
    return play_puppet("write", {"write", "100000"}, [&](FunctionLaunch& launch) { launch.most_output = most; });
  };
  CHECK(limited(100000).end.how == How::exited);
  CHECK(limited(100000).output.size() == 100000);
  const auto cut = limited(99999);
  CHECK(cut.end.how == How::too_long);
  CHECK(cut.end.exit_status == k_run_failed);
  CHECK(cut.output.size() == 99999);
}

TEST_CASE("where nobody reads, the function gets SIGPIPE as in any pipe") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::close(ends[0]);
  ::signal(SIGPIPE, SIG_IGN); // as caplet has it; the function has not
  const auto played =
      play_puppet("write", {"write", "10000000"}, [&](FunctionLaunch& launch) { launch.output = ends[1]; });
  ::close(ends[1]);
  CHECK(played.end.exit_status == 128 + SIGPIPE);
}

TEST_CASE("output that cannot be written is an error") {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto played =
      play_puppet("write", {"write", "10000000"}, [&](FunctionLaunch& launch) { launch.output = full.get(); });
  CHECK(played.end.how == How::not_delivered);
  CHECK(played.end.error == ENOSPC);
  CHECK(played.end.exit_status == k_run_failed);
}

TEST_CASE("a reader that stands still does not hold a function beyond its time") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const auto start = std::chrono::steady_clock::now();
  const auto played = play_puppet("write", {"write", "100000000"}, [&](FunctionLaunch& launch) {
    launch.output = ends[1];
    launch.timeout = std::chrono::milliseconds(200);
  });
  CHECK(played.end.how == How::timed_out);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(4));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("input of any length comes through") {
  const std::string expected = pattern();
  const Fd input(::memfd_create("input", MFD_CLOEXEC));
  REQUIRE(::write(input.get(), expected.data(), expected.size()) == static_cast<ssize_t>(expected.size()));
  ::lseek(input.get(), 0, SEEK_SET);
  CHECK(play_puppet("copy", {"copy"}, [&](FunctionLaunch& launch) { launch.input = input.get(); }).output == expected);
}

} // namespace caplet::test
