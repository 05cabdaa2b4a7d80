#include "core/time_text.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace caplet;
using namespace std::chrono_literals;

namespace {

const Instant k_now = *parse_time("2026-11-23T18:35:45Z");

std::string refusal(const std::string& text) {
  return test::refusal_of([&] { parse_expiry(text, k_now); });
}

} // namespace

TEST_CASE("times are written and read as RFC 3339") {
  CHECK(format_rfc3339(k_now) == "2026-11-23T18:35:45Z");
  CHECK(format_rfc3339(k_now + 1us) == "2026-11-23T18:35:45.000001Z");
  CHECK(format_rfc3339(Instant{}) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(Instant(-1us)) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_rfc3339(Instant(253402300799s)) == "9999-12-31T23:59:59Z");
  CHECK(format_rfc3339(Instant(253402300800s)) == "10000-01-01T00:00:00Z");
  CHECK(parse_time("2026-11-23T18:35:45.000001Z") == k_now + 1us);
  CHECK(parse_time("2026-11-23t18:35:45.5z") == k_now + 500ms);
  CHECK(parse_time("2026-11-23 20:05:45+01:30") == k_now);
  CHECK(parse_time("2026-11-23T17:35:45-01:00") == k_now);
  CHECK(parse_time("2028-02-29") == *parse_time("2028-02-29T00:00:00Z"));
  CHECK(parse_time("9999-12-31T23:59:59Z"));
}

TEST_CASE("what is not a time is not read as one") {
  for (const std::string text : {"",
                                 "2026",
                                 "2026-11",
                                 "2026-11-31",
                                 "2027-02-29",
                                 "2026-13-01",
                                 "2026-00-01",
                                 "2026-11-23T",
                                 "2026-11-23T18:35",
                                 "2026-11-23T18:35:45",
                                 "2026-11-23T24:00:00Z",
                                 "2026-11-23T18:60:00Z",
                                 "2026-11-23T18:35:60Z",
                                 "2026-11-23T18:35:45.Z",
                                 "2026-11-23T18:35:45.1234567890Z",
                                 "2026-11-23T18:35:45+0100",
                                 "2026-11-23T18:35:45Zx",
                                 " 2026-11-23",
                                 "1969-12-31",
                                 "12026-11-23",
                                 "1970-01-01T00:00:00+00:01",
                                 "9999-12-31T23:59:59-00:01",
                                 "2026-11-23\n",
                                 "٢٠٢٦-11-23"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("durations") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("15m") == 15min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("30d") == std::chrono::days(30));
  CHECK(parse_duration("4w") == std::chrono::weeks(4));
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("0h1s") == 1s);
  for (const std::string text :
       {"", "0s", "0d0h", "90", "d", "1", "1h30", "1.5h", "-1h", "1 h", "1y", "1H", "h1", "1hh",
        "99999999999999999999d", "9223372036854775807s", "3000000d", "1d9000000000000h"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("an expiry is a duration, a time or never") {
  CHECK(parse_expiry("30d", k_now) == k_now + std::chrono::days(30));
  CHECK(parse_expiry("1s", k_now + 999ms) == k_now + 1s); // whole seconds
  CHECK(parse_expiry("2027-01-31", k_now) == parse_time("2027-01-31T00:00:00Z"));
  CHECK_FALSE(parse_expiry("never", k_now));
  CHECK(refusal("90") == "expiry 90 has no unit");
  CHECK(refusal("soon") == "expiry \"soon\" is neither a duration nor a time");
  CHECK(refusal("") == "expiry \"\" is neither a duration nor a time");
  CHECK(refusal("Never") == "expiry \"Never\" is neither a duration nor a time");
  CHECK(refusal("\x1b[2J") == "expiry \"\\u{1B}[2J\" is neither a duration nor a time");
  CHECK(refusal("2026-11-23") == "expiry 2026-11-23 is in the past");
  CHECK(refusal("2026-11-23T18:35:45Z") == "expiry 2026-11-23T18:35:45Z is in the past"); // now is over
  CHECK(refusal("2920000d") == "expiry 2920000d lies behind the year 9999");
}

TEST_CASE("lengths in words") {
  CHECK(humanize(1s) == "1 second");
  CHECK(humanize(0s) == "0 seconds");
  CHECK(humanize(59s) == "59 seconds");
  CHECK(humanize(60s) == "1 minute");
  CHECK(humanize(3599s) == "1 hour");
  CHECK(humanize(3500s) == "58 minutes");
  CHECK(humanize(90min) == "2 hours");
  CHECK(humanize(std::chrono::days(90) - 1s) == "90 days");
}
