#pragma once

#include <chrono>

namespace caplet {

/// A moment in UTC, at microseconds: what records and events hold.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// Where time comes from, so that a test can say what time it is.
/// Threads: now() may be called from several at once.
class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Returns when it is that moment.
  virtual void wait_until(Instant moment) const;
};

class SystemClock final : public Clock {
public:
  Instant now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

} // namespace caplet
