#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/event_view.hpp"
#include "cli/table.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cstdlib>
#include <deque>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--actor", "NAME", "what this one did: a name, or the id of a token"},
    Option{"--actor-kind", "KIND", "owner or token"},
    Option{"--action", "GLOB", "such actions: account.pat.mint, '*.revoke'"},
    Option{"--target", "NAME", "what was done to this token: its name or id"},
    Option{"--denied", "", "what was refused, and nothing else"},
    Option{"--since", "WHEN", "from this time on: 2026-11-23, or 12h for the last twelve hours"},
    Option{"--until", "WHEN", "before this time"},
    Option{"--limit", "N", "the last N of them"},
};

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

std::optional<std::size_t> limit_from(const Arguments& arguments) {
  const auto text = arguments.value("limit");
  if (!text) {
    return std::nullopt;
  }
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0) {
    throw Error(Errc::usage, fmt::format("--limit takes a number from 1 on, not \"{}\"", escape(*text, 40)),
                "for example: --limit 20");
  }
  return limit;
}

/// The filters of the command line.
class Filter {
public:
  Filter(const Arguments& arguments, Instant now)
      : m_actor(arguments.value("actor")), m_kind(arguments.value("actor-kind")), m_action(arguments.value("action")),
        m_target(arguments.value("target")), m_denied(arguments.has("denied")),
        m_since(moment(arguments, "since", now)), m_until(moment(arguments, "until", now)) {
    if (m_kind && *m_kind != "owner" && *m_kind != "token") {
      throw Error(Errc::usage, fmt::format("--actor-kind takes owner or token, not \"{}\"", escape(*m_kind, 40)),
                  "leave it out for both");
    }
  }

  bool passes(const Event& event) const {
    return (!m_actor || *m_actor == event.actor_name || *m_actor == event.actor_id) &&
           (!m_kind || *m_kind == to_string(event.actor_kind)) &&
           (!m_action || ::fnmatch(m_action->c_str(), event.action.c_str(), 0) == 0) &&
           (!m_target || *m_target == event.target_name || *m_target == event.target_id) &&
           (!m_denied || event.outcome == Event::Outcome::denied) && (!m_since || event.time >= *m_since) &&
           (!m_until || event.time < *m_until);
  }

private:
  std::optional<std::string> m_actor, m_kind, m_action, m_target;
  bool m_denied;
  std::optional<Instant> m_since, m_until;
};

void print_table(Context& context, const std::deque<Event>& events) {
  using enum Table::Shrink;
  Table table;
  table.column("Time").column("Actor", allowed).column("Action").column("Target", allowed).column("Outcome");
  for (const Event& event : events) {
    const bool denied = event.outcome == Event::Outcome::denied;
    const std::string reason = event.reason.empty() ? "" : fmt::format(" ({})", escape(event.reason));
    table.row({{local_time(event.time)},
               {fmt::format("{} {}", to_string(event.actor_kind), escape(event.actor_name))},
               {escape(event.action)},
               {event.target_name.empty() ? "" : fmt::format("{} {}", escape(event.target_name), event.target_id)},
               {std::string(to_string(event.outcome)) + reason, denied ? Style::red : Style::plain}});
  }
  context.out().write(table.draw({context.utf8(), context.colors(context.out()), terminal_width(context.out())}));
}

int run_list(Context& context, const Arguments& arguments) {
  const Filter filter(arguments, context.clock().now());
  const auto limit = limit_from(arguments);
  const std::string format = output_format(k_audit_list, arguments);
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const bool stream = format == "jsonl" && !limit; // as it is read: a long log takes no more memory than a short one
  std::deque<Event> events;
  std::size_t count = 0;
  authority.each_event(actor, 0, [&](const Event& event) {
    if (!filter.passes(event)) {
      return true;
    }
    ++count;
    if (stream) {
      context.out().line(json_line(to_json(event)));
      return true;
    }
    events.push_back(event);
    if (limit && events.size() > *limit) {
      events.pop_front();
    }
    return true;
  });
  if (format == "table" && count > 0) {
    print_table(context, events);
  } else if (format == "json") {
    auto list = nlohmann::ordered_json::array();
    for (const Event& event : events) {
      list.push_back(to_json(event));
    }
    context.out().line(json_pretty(list));
  } else if (!stream && format == "jsonl") {
    for (const Event& event : events) {
      context.out().line(json_line(to_json(event)));
    }
  }
  if (count == 0) {
    context.err().line("No such events.");
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_audit_list{
    .path = "audit list",
    .aliases = "audit ls",
    .summary = "List what was done, by whom, to what.",
    .examples = "caplet audit list --since 24h\n"
                "caplet audit list --action '*.revoke' -o jsonl",
    .options = k_options,
    .formats = "table,json,jsonl",
    .token = TokenRole::actor,
    .run = run_list,
};

} // namespace caplet
