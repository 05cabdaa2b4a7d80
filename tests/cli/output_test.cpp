#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

namespace caplet {
namespace {

using nlohmann::ordered_json;

Environment environment_of(const std::map<std::string, std::string, std::less<>>& values) {
  return [values](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

bool has_harm(const std::string& text) {
  for (const char* each : {"\x1b", "\u009b", "\u202e", "\u2066", "\u2028", "\ufeff", "\x7f", "\t", "\r"}) {
    if (text.find(each) != std::string::npos) {
      return true;
    }
  }
  return false;
}

} // namespace

TEST_CASE("JSON lines hold no character that harms a terminal, and read back equal", "[output]") {
  const std::string text = "a\x1b[31m\u009b\u202e\u2066\u2028\ufeff\x7f\t\r\n\"\\ 日本語 \U0001F511";
  const ordered_json json{{"name", text}};
  for (const std::string& out : {json_line(json), json_pretty(json)}) {
    CHECK_FALSE(has_harm(out));
    CHECK(ordered_json::parse(out)["name"] == text);
  }
  CHECK(json_line(json).find('\n') == std::string::npos);
  // Where nothing does harm the text stays readable.
  CHECK(json_line({{"name", "日本語"}}) == R"({"name":"日本語"})");
}

TEST_CASE("JSON of bytes that are no UTF-8 is still JSON", "[output]") {
  CHECK_NOTHROW(ordered_json::parse(json_line({{"name", "a\xff\xc0"}})));
}

TEST_CASE("a field of a tab-separated line has neither tab nor line break", "[output]") {
  CHECK(tsv_field("plain 日本語") == "plain 日本語");
  CHECK(tsv_field("a\tb\nc\rd") == R"(a\u{9}b\u{A}c\u{D}d)");
  CHECK(tsv_field(R"(a\b)") == R"(a\\b)");
  CHECK(tsv_field(R"(\u{9})") == R"(\\u{9})"); // cannot be taken for an escape
  CHECK(tsv_field("\xff") == R"(\x{FF})");
  CHECK(tsv_field(std::string(300, 'x')) == std::string(300, 'x'));
}

TEST_CASE("times for people are local, and say how far away they are", "[output]") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const Instant now =
      std::chrono::sys_days(std::chrono::year(2023) / 1 / 10) + std::chrono::hours(11) + std::chrono::minutes(55);
  CHECK(local_time(now) == "Jan 10 2023 11:55");
  CHECK(local_time_and_distance(now + std::chrono::hours(24 * 90), now) == "Apr 10 2023 11:55 (in 90 days)");
  CHECK(local_time_and_distance(now - std::chrono::hours(3), now) == "Jan 10 2023 08:55 (3 hours ago)");
  CHECK(local_time_and_distance(now, now) == "Jan 10 2023 11:55 (just now)");
  CHECK(expiry_text(std::nullopt) == "never");
}

TEST_CASE("output that cannot be written is an error, a reader who has left is none", "[output]") {
  std::signal(SIGPIPE, SIG_IGN);
  SECTION("full") {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    Output out(full);
    out.line("x");
    CHECK_THROWS_AS(out.flush(), Error);
    CHECK_THROWS_AS(out.require_writable(), Error);
    ::close(full);
  }
  SECTION("closed") {
    Output out(-1);
    CHECK_THROWS_AS(out.require_writable(), Error);
    out.line("x");
    CHECK_THROWS_AS(out.flush(), Error);
  }
  SECTION("left") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    ::close(ends[0]);
    Output out(ends[1]);
    out.line("x");
    CHECK_THROWS_AS(out.flush(), BrokenPipe);
    CHECK_NOTHROW(out.flush()); // what was not written is not tried again
    ::close(ends[1]);
  }
  SECTION("discarded") {
    Output out(-1);
    out.line("x");
    out.discard();
    CHECK_NOTHROW(out.flush());
  }
}

TEST_CASE("the locale says whether to print UTF-8", "[output]") {
  CHECK(is_utf8_locale(environment_of({{"LANG", "C.UTF-8"}})));
  CHECK(is_utf8_locale(environment_of({{"LANG", "de_DE.utf8"}})));
  CHECK_FALSE(is_utf8_locale(environment_of({{"LANG", "C"}})));
  CHECK_FALSE(is_utf8_locale(environment_of({})));
  CHECK_FALSE(is_utf8_locale(environment_of({{"LC_ALL", "POSIX"}, {"LANG", "C.UTF-8"}})));
  CHECK(is_utf8_locale(environment_of({{"LC_CTYPE", "C.UTF-8"}, {"LANG", "C"}})));
}

TEST_CASE("colour: --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, terminal, in this order", "[output]") {
  const Output pipe(-1); // no terminal
  const auto wants = [&](const std::optional<std::string>& choice,
                         const std::map<std::string, std::string, std::less<>>& set) {
    return wants_color(pipe, choice, environment_of(set));
  };
  CHECK_FALSE(wants({}, {}));
  CHECK_FALSE(wants({}, {{"TERM", "xterm"}}));
  CHECK(wants("always", {{"NO_COLOR", "1"}}));
  CHECK_FALSE(wants("never", {{"CLICOLOR_FORCE", "1"}}));
  CHECK(wants("auto", {{"CLICOLOR_FORCE", "1"}}));
  CHECK_FALSE(wants({}, {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}));
  CHECK_FALSE(wants({}, {{"CLICOLOR_FORCE", "0"}}));
}

} // namespace caplet
