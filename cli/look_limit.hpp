#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

namespace caplet {

/// How far a list is looked through while somebody waits for Tab. The first 5,000 are always looked at, whatever they
/// are: some 10 ms. Of a longer list, as many more as there is time for; what lies behind those is not found. One
/// object is one look.
class LookLimit {
public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t k_always = 5000;
  static constexpr auto k_time = std::chrono::milliseconds(13);

  explicit LookLimit(std::function<TimePoint()> now = std::chrono::steady_clock::now)
      : m_now(std::move(now)), m_end(m_now() + k_time) {}

  /// Whether to look at another, asked after each.
  bool goes_on() { return ++m_looked < k_always || m_now() < m_end; }

private:
  std::function<TimePoint()> m_now;
  TimePoint m_end;
  std::size_t m_looked = 0;
};

} // namespace caplet
