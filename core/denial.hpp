#pragma once

#include "core/event.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace caplet {

/// A kind of refused attempt that was seen lately: its last event in the log, and how many like it were left out since.
struct Denial {
  Event event; ///< `time` is when it was written
  std::uint64_t left_out = 0;

  bool operator==(const Denial&) const = default;
};

/// Refused attempts come in floods. One of a kind (who, what, why) goes to the log each minute, and says how many were
/// left out before it; this is what has to be remembered for that.
class Denials {
public:
  static constexpr std::size_t k_most = 32;

  Denials() = default;
  explicit Denials(std::vector<Denial> denials) : m_denials(std::move(denials)) {}

  std::span<const Denial> all() const noexcept { return m_denials; }

  /// Whether one like this was written less than a minute before, so that this one is only counted.
  bool is_repeat(const Event& event) const;
  /// Takes note of an attempt, or of so many like it at once. The events to be written: none for a repeat; else this
  /// one, and one for each kind whose minute is over and of which some were left out. REQUIRES: times > 0.
  std::vector<Event> note(const Event& event, std::uint64_t times = 1);

  /// Whether two attempts are of one kind.
  static bool same_kind(const Event& a, const Event& b) noexcept;

private:
  std::vector<Denial> m_denials; ///< the oldest first
};

} // namespace caplet
