#include "core/time_text.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace caplet {
namespace {

using namespace std::chrono;

constexpr std::int64_t k_longest_seconds = 8000LL * 366 * 86400;

/// Takes digits off the front of a text.
class Digits {
public:
  explicit Digits(std::string_view text) : m_rest(text) {}

  /// Exactly `count` digits, between `least` and `most`.
  std::optional<int> number(std::size_t count, int least, int most) {
    if (m_rest.size() < count) {
      return std::nullopt;
    }
    int value = 0;
    for (const char c : m_rest.substr(0, count)) {
      if (c < '0' || c > '9') {
        return std::nullopt;
      }
      value = value * 10 + (c - '0');
    }
    m_rest.remove_prefix(count);
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  }

  bool skip(std::string_view any_of) {
    if (m_rest.empty() || any_of.find(m_rest.front()) == std::string_view::npos) {
      return false;
    }
    m_rest.remove_prefix(1);
    return true;
  }

  bool done() const { return m_rest.empty(); }
  bool at_digit() const { return !m_rest.empty() && m_rest.front() >= '0' && m_rest.front() <= '9'; }

private:
  std::string_view m_rest;
};

std::optional<sys_days> parse_date(Digits& in) {
  const auto y = in.number(4, 1970, 9999);
  if (!y || !in.skip("-")) {
    return std::nullopt;
  }
  const auto m = in.number(2, 1, 12);
  if (!m || !in.skip("-")) {
    return std::nullopt;
  }
  const auto d = in.number(2, 1, 31);
  if (!d) {
    return std::nullopt;
  }
  const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

std::optional<microseconds> parse_time_of_day(Digits& in) {
  const auto h = in.number(2, 0, 23);
  if (!h || !in.skip(":")) {
    return std::nullopt;
  }
  const auto m = in.number(2, 0, 59);
  if (!m || !in.skip(":")) {
    return std::nullopt;
  }
  const auto s = in.number(2, 0, 59);
  if (!s) {
    return std::nullopt;
  }
  microseconds total = hours(*h) + minutes(*m) + seconds(*s);
  if (in.skip(".")) {
    std::int64_t unit = 100000;
    std::size_t count = 0;
    for (; in.at_digit(); ++count, unit /= 10) {
      total += microseconds(*in.number(1, 0, 9) * unit);
    }
    if (count == 0 || count > 9) {
      return std::nullopt;
    }
  }
  return total;
}

std::optional<minutes> parse_offset(Digits& in) {
  if (in.skip("Zz")) {
    return minutes(0);
  }
  const bool west = in.skip("-");
  if (!west && !in.skip("+")) {
    return std::nullopt;
  }
  const auto h = in.number(2, 0, 23);
  if (!h || !in.skip(":")) {
    return std::nullopt;
  }
  const auto m = in.number(2, 0, 59);
  if (!m) {
    return std::nullopt;
  }
  const minutes offset = hours(*h) + minutes(*m);
  return west ? -offset : offset;
}

struct Unit {
  char letter;
  std::int64_t seconds;
  std::string_view word;
};
constexpr std::array k_units{Unit{'w', 604800, "week"}, Unit{'d', 86400, "day"}, Unit{'h', 3600, "hour"},
                             Unit{'m', 60, "minute"}, Unit{'s', 1, "second"}};

/// Two digits. Lists are full of times: fmt would take as long as all else.
char* put_two(char* at, std::int64_t value) {
  *at++ = static_cast<char>('0' + value / 10);
  *at++ = static_cast<char>('0' + value % 10);
  return at;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::string_view k_examples =
    "write a duration (12h, 30d, 4w, 1h30m), a date (2027-01-31), a time (2027-01-31T09:00:00Z) or never";

/// RFC 3339 has four digits for the year.
Instant checked_end(Instant end, std::string_view text, std::string_view what) {
  if (floor<days>(end) > sys_days(year(9999) / 12 / 31)) {
    throw Error(Errc::usage, fmt::format("{} {} lies behind the year 9999", what, escape(text)), "use never");
  }
  return end;
}

} // namespace

void append_rfc3339(std::string& text, Instant time) {
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(time - midnight);
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) {
    text += fmt::format("{:04}", year);
  }
  std::array<char, sizeof "2027-01-31T09:30:00.000000Z"> digits{};
  char* at = digits.data();
  if (year >= 0 && year <= 9999) {
    at = put_two(put_two(at, year / 100), year % 100);
  }
  *at++ = '-';
  at = put_two(at, static_cast<unsigned>(date.month()));
  *at++ = '-';
  at = put_two(at, static_cast<unsigned>(date.day()));
  *at++ = 'T';
  at = put_two(at, clock.hours().count());
  *at++ = ':';
  at = put_two(at, clock.minutes().count());
  *at++ = ':';
  at = put_two(at, clock.seconds().count());
  if (const std::int64_t rest = clock.subseconds().count(); rest != 0) {
    *at++ = '.';
    at = put_two(put_two(put_two(at, rest / 10000), rest / 100 % 100), rest % 100);
  }
  *at++ = 'Z';
  text.append(digits.data(), at);
}

std::string format_rfc3339(Instant time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

std::optional<Instant> parse_time(std::string_view text) noexcept {
  Digits in(text);
  const auto date = parse_date(in);
  if (!date) {
    return std::nullopt;
  }
  if (in.done()) {
    return Instant(*date);
  }
  if (!in.skip("Tt ")) {
    return std::nullopt;
  }
  const auto time = parse_time_of_day(in);
  if (!time) {
    return std::nullopt;
  }
  const auto offset = parse_offset(in);
  if (!offset || !in.done()) {
    return std::nullopt;
  }
  const Instant instant = Instant(*date) + *time - *offset;
  const bool in_range =
      instant >= Instant{} && instant < sys_days(year(10000) / 1 / 1); // the offset may lead out of it
  return in_range ? std::optional(instant) : std::nullopt;
}

std::optional<seconds> parse_duration(std::string_view text) noexcept {
  std::int64_t total = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    std::int64_t number = 0;
    const std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = number * 10 + (text[at] - '0');
      if (number > k_longest_seconds) {
        return std::nullopt;
      }
    }
    if (at == start || at == text.size()) {
      return std::nullopt;
    }
    const auto unit = std::find_if(k_units.begin(), k_units.end(), [&](const Unit& u) { return u.letter == text[at]; });
    if (unit == k_units.end() || number > k_longest_seconds / unit->seconds) {
      return std::nullopt;
    }
    total += number * unit->seconds;
    if (total > k_longest_seconds) {
      return std::nullopt;
    }
    ++at;
  }
  return total > 0 ? std::optional(seconds(total)) : std::nullopt;
}

std::string duration_text(seconds length) {
  std::string text;
  auto rest = length.count();
  for (const Unit& unit : k_units) {
    if (unit.letter != 'w' && rest >= unit.seconds) {
      text += fmt::format("{}{}", rest / unit.seconds, unit.letter);
      rest %= unit.seconds;
    }
  }
  return text;
}

std::optional<Instant> parse_expiry(std::string_view text, Instant now, std::string_view what) {
  if (text == "never") {
    return std::nullopt;
  }
  if (is_number(text)) {
    throw Error(Errc::usage, fmt::format("{} {} has no unit", what, text.substr(0, 20)),
                fmt::format("did you mean {0}d (days), {0}h (hours) or {0}s (seconds)?", text.substr(0, 20)));
  }
  if (const auto length = parse_duration(text)) {
    const Instant end = floor<seconds>(now) + *length;
    return checked_end(end, text, what);
  }
  const auto time = parse_time(text);
  if (!time) {
    throw Error(Errc::usage, fmt::format("{} \"{}\" is neither a duration nor a time", what, escape(text)),
                std::string(k_examples));
  }
  if (*time <= now) {
    throw Error(Errc::usage, fmt::format("{} {} is in the past", what, escape(text)),
                fmt::format("it is now {}", format_rfc3339(floor<seconds>(now))));
  }
  return checked_end(*time, text, what);
}

std::string humanize(seconds length) {
  const auto count = length.count();
  for (const Unit& unit : k_units) {
    // Weeks are for typing; a person reads days up to years.
    if (unit.letter != 'w' && (count * 200 >= unit.seconds * 199 || unit.seconds == 1)) { // 59:55 is an hour
      const auto number = (count + unit.seconds / 2) / unit.seconds;
      return fmt::format("{} {}{}", number, unit.word, number == 1 ? "" : "s");
    }
  }
  return {};
}

} // namespace caplet
