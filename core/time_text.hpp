#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// RFC 3339 in UTC, `2027-01-31T09:30:00Z`; with six digits of fraction where there is one.
std::string format_rfc3339(Instant time);

/// The same at the end of a text.
void append_rfc3339(std::string& text, Instant time);

/// RFC 3339 section 5.6 (any offset, `T`, `t` or a space between date and time, up to nine digits of fraction, cut to
/// microseconds) or a bare date, which means 00:00 UTC. Nothing for anything else, a leap second included; years 1970
/// to 9999.
std::optional<Instant> parse_time(std::string_view text) noexcept;

/// `90s 15m 12h 30d 4w 1h30m`: whole numbers, each with its unit. Nothing for anything else, for zero, and for more
/// than 8,000 years. A bare number is refused: npm means days by it, Vault seconds.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept;

/// What parse_duration() reads as just this length: `90d`, `1h30m`. REQUIRES: length > 0.
std::string duration_text(std::chrono::seconds length);

/// When something made `now` ends: a duration from now, a time (parse_time), or `never` (nothing).
/// Throws Error{usage} with the reason; `what` names the value in it ("expiry").
std::optional<Instant> parse_expiry(std::string_view text, Instant now, std::string_view what = "expiry");

/// A length in words for a person, rounded to its largest unit: `90 days`, `1 hour`, `30 seconds`.
std::string humanize(std::chrono::seconds length);

} // namespace caplet
