#include "core/denial.hpp"

#include <algorithm>
#include <chrono>

namespace caplet {
namespace {

constexpr auto k_grain = std::chrono::minutes(1);

/// A clock that was put back does not keep a kind silent.
bool is_recent(const Denial& denial, Instant now) {
  return now >= denial.event.time && now - denial.event.time < k_grain;
}

} // namespace

/// The target is left aside where nobody knows who asks: ids that are made up would each be a kind of their own.
bool Denials::same_kind(const Event& a, const Event& b) noexcept {
  return a.action == b.action && a.reason == b.reason && a.actor_kind == b.actor_kind && a.actor_id == b.actor_id &&
         (a.actor_id.empty() || a.target_id == b.target_id);
}

bool Denials::is_repeat(const Event& event) const {
  return std::any_of(m_denials.begin(), m_denials.end(),
                     [&](const Denial& each) { return same_kind(each.event, event) && is_recent(each, event.time); });
}

std::vector<Event> Denials::note(const Event& event, std::uint64_t times) {
  const auto known = std::find_if(m_denials.begin(), m_denials.end(),
                                  [&](const Denial& each) { return same_kind(each.event, event); });
  if (known != m_denials.end() && is_recent(*known, event.time)) {
    known->left_out += times;
    return {};
  }
  std::vector<Event> due;
  Event entry = event;
  if (known != m_denials.end()) {
    entry.repeats = known->left_out;
    m_denials.erase(known);
  }
  const bool crowded = m_denials.size() >= k_most;
  for (auto each = m_denials.begin(); each != m_denials.end();) {
    if (is_recent(*each, event.time) && !(crowded && each == m_denials.begin())) {
      ++each;
      continue;
    }
    if (each->left_out > 0) {
      Event rest = each->event; // it stands for one of those that were left out
      rest.time = event.time;
      rest.repeats = each->left_out - 1;
      due.push_back(std::move(rest));
    }
    each = m_denials.erase(each);
  }
  m_denials.push_back({entry, times - 1});
  due.push_back(std::move(entry));
  return due;
}

} // namespace caplet
