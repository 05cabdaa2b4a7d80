#include "cli/event_view.hpp"

#include "core/time_text.hpp"

#include <nlohmann/json.hpp>

namespace caplet {

nlohmann::ordered_json to_json(const Event& event) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  return {{"seq", event.seq},
          {"time", format_rfc3339(event.time)},
          {"action", event.action},
          {"actor_kind", to_string(event.actor_kind)},
          {"actor_id", or_null(event.actor_id)},
          {"actor_name", event.actor_name},
          {"os_uid", event.os_uid},
          {"target_id", or_null(event.target_id)},
          {"target_name", or_null(event.target_name)},
          {"outcome", to_string(event.outcome)},
          {"reason", or_null(event.reason)},
          {"repeats", event.repeats}};
}

} // namespace caplet
