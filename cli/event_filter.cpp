#include "cli/event_filter.hpp"

#include "cli/command.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

namespace caplet {
namespace {

/// What --since and --until take: a time, or how long ago.
std::optional<Instant> moment(const Arguments& arguments, std::string_view option, Instant now) {
  const auto text = arguments.value(option);
  if (!text) {
    return std::nullopt;
  }
  if (const auto ago = parse_duration(*text)) {
    return now - *ago;
  }
  if (const auto time = parse_time(*text)) {
    return time;
  }
  throw Error(Errc::usage, fmt::format("--{} \"{}\" is neither a time nor a duration", option, escape(*text, 40)),
              "write 12h, 30d, 2026-11-23 or 2026-11-23T09:00:00Z");
}

} // namespace

EventFilter::EventFilter(const Arguments& arguments, Instant now)
    : m_actor(arguments.value("actor")), m_kind(arguments.value("actor-kind")), m_action(arguments.value("action")),
      m_target(arguments.value("target")), m_denied(arguments.has("denied")), m_since(moment(arguments, "since", now)),
      m_until(moment(arguments, "until", now)) {}

bool EventFilter::passes(const Event& event) const {
  return (!m_actor || *m_actor == event.actor_name || *m_actor == event.actor_id) &&
         (!m_kind || *m_kind == to_string(event.actor_kind)) &&
         (!m_action || ::fnmatch(m_action->c_str(), event.action.c_str(), 0) == 0) &&
         (!m_target || *m_target == event.target_name || *m_target == event.target_id) &&
         (!m_denied || event.outcome == Event::Outcome::denied) && (!m_since || event.time >= *m_since) &&
         (!m_until || event.time < *m_until);
}

} // namespace caplet
