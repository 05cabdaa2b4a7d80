#pragma once

#include "core/clock.hpp"
#include "core/event.hpp"

#include <optional>
#include <string>

namespace caplet {

class Arguments;

/// Which events `audit list` shows: its options --actor, --actor-kind, --action, --target, --denied, --since, --until.
class EventFilter {
public:
  /// Throws Error{usage}.
  EventFilter(const Arguments& arguments, Instant now);

  bool passes(const Event& event) const;

private:
  std::optional<std::string> m_actor, m_kind, m_action, m_target;
  bool m_denied;
  std::optional<Instant> m_since, m_until;
};

} // namespace caplet
