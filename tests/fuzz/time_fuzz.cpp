// Times and durations: what is read is written back equal, and no expiry lies in the past.

#include "core/error.hpp"
#include "core/time_text.hpp"
#include "tests/fuzz/input.hpp"

using namespace caplet;
using namespace std::chrono;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const Instant now = Instant(seconds(std::int64_t{1} << (in.byte() % 38))); // up to the year 6325
  const std::string text(in.rest());
  const Instant end = sys_days(year(10000) / 1 / 1);

  if (const auto time = parse_time(text)) {
    require(*time >= Instant{} && *time < end, "a time lies in the years 1970 to 9999");
    require(parse_time(format_rfc3339(*time)) == *time, "a time is written back equal");
  }
  if (const auto length = parse_duration(text)) {
    require(length->count() > 0, "a duration is longer than zero");
    require(*length <= days(366) * 8000, "a duration has a limit");
    require(!humanize(*length).empty(), "a duration has words");
  }
  try {
    if (const auto expiry = parse_expiry(text, now)) {
      require(*expiry > floor<seconds>(now) && *expiry < end, "an expiry lies ahead, before the year 10000");
      require(parse_expiry(format_rfc3339(*expiry), floor<seconds>(now)) == expiry, "an expiry is written back equal");
    } else {
      require(text == "never", "only never is never");
    }
  } catch (const Error& e) {
    require(e.code() == Errc::usage, "a bad expiry is a usage error");
    require(!e.hint().empty(), "a refusal has a hint");
  }
  return 0;
}
