#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/event_filter.hpp"
#include "cli/event_view.hpp"
#include "cli/file_watch.hpp"
#include "cli/pager.hpp"
#include "cli/table.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <deque>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--actor", "ACTOR", "what this one did: a name, or the id of a token"},
    Option{"--actor-kind", "KIND", "what this kind did", false, "owner,token"},
    Option{"--action", "GLOB", "such actions: account.pat.mint, '*.revoke'"},
    Option{"--target", "TOKEN", "what was done to this token: its name or id"},
    Option{"--denied", "", "what was refused, and nothing else"},
    Option{"--since", "WHEN", "from this time on: 2026-11-23, or 12h for the last twelve hours"},
    Option{"--until", "WHEN", "before this time"},
    Option{"--limit", "N", "the last N of them"},
    Option{"--no-pager", "", "never show a long list in a pager"},
    Option{"-f,--follow", "", "go on with new events as they come, until Ctrl-C"},
};

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

std::string actor_cell(const Event& event) {
  return fmt::format("{} {}", to_string(event.actor_kind), escape(event.actor_name));
}

std::string target_cell(const Event& event) {
  return event.target_name.empty() ? "" : fmt::format("{} {}", escape(event.target_name), event.target_id);
}

/// `denied ×13 (why)`: how often in all, where events like it were left out.
Table::Cell outcome_cell(const Event& event, bool utf8) {
  std::string text(to_string(event.outcome));
  if (event.repeats > 0) {
    text += fmt::format(" {}{}", utf8 ? "\u00d7" : "x", event.repeats + 1);
  }
  if (!event.reason.empty()) {
    text += fmt::format(" ({})", escape(event.reason));
  }
  return {text, event.outcome == Event::Outcome::denied ? Style::red : Style::plain};
}

/// What a terminal has room for: all; times without the year; no actor either.
enum class Room : std::uint8_t { ample, little, least };

std::string time_in(Room room, Instant time) {
  std::string text = local_time(time); // Jan 10 2023 11:55
  constexpr std::size_t k_year = 7;
  return room == Room::ample ? text : text.erase(k_year, std::string_view("2023 ").size());
}

Table make_table(const std::deque<Event>& events, bool utf8, Room room) {
  using enum Table::Shrink;
  Table table;
  table.column("Time");
  if (room != Room::least) {
    table.column("Actor", allowed);
  }
  table.column("Action").column("Target", allowed, Table::Rank::first);
  table.column("Outcome", room == Room::ample ? never : allowed);
  for (const Event& event : events) {
    std::vector<Table::Cell> cells{{time_in(room, event.time)}};
    if (room != Room::least) {
      cells.push_back({actor_cell(event)});
    }
    cells.insert(cells.end(), {{escape(event.action)}, {target_cell(event)}, outcome_cell(event, utf8)});
    table.row(std::move(cells));
  }
  return table;
}

void print_table(Context& context, const Arguments& arguments, const std::deque<Event>& events) {
  const Table::Look look{context.utf8(), context.colors(context.out()), terminal_width(context.out())};
  constexpr std::array k_rooms{Room::ample, Room::little, Room::least};
  print_paged(context, arguments, draw_what_fits(look, k_rooms.size(), [&](std::size_t i) {
                return make_table(events, look.utf8, k_rooms[i]);
              }));
}

/// What a table would say, in one line: nobody knows how wide the columns of what is still to come will be.
std::string table_line(Context& context, const Event& event) {
  constexpr std::size_t k_actor = 20;
  constexpr std::size_t k_action = 20;
  constexpr std::size_t k_target = 28;
  const auto padded = [](const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, display_width(text)), ' ');
  };
  const Table::Cell outcome = outcome_cell(event, context.utf8());
  return fmt::format("{}  {}  {}  {}  {}", local_time(event.time), padded(actor_cell(event), k_actor),
                     padded(escape(event.action), k_action), padded(target_cell(event), k_target),
                     styled(outcome.text, outcome.style, context.colors(context.out())));
}

/// Prints what there is and then what comes, until somebody ends it: Ctrl-C ends the process as ever, for nothing is
/// held that would have to be given back.
int run_follow(Context& context, const Arguments& arguments) {
  const EventFilter filter(arguments, context.clock().now());
  const auto limit = limit_from(arguments);
  const std::string format = output_format(k_audit_list, arguments);
  if (format == "json") {
    throw Error(Errc::usage, "--follow has no end, and a JSON document has one", "use -o jsonl");
  }
  if (arguments.has("until")) {
    throw Error(Errc::usage, "--follow goes on after --until", "leave out one of them");
  }
  const auto token = acting_token(context, arguments);
  Authority& authority = context.authority();
  const FileWatch watch(context.location().store);
  const auto print = [&](const Event& event) {
    context.out().line(format == "jsonl" ? json_line(to_json(event)) : table_line(context, event));
  };
  std::uint64_t last = 0;
  std::deque<Event> held; // of what there is, the last `limit`
  bool holding = limit.has_value();
  while (true) {
    const Actor actor = context.actor(token); // each time: a token that was revoked sees no more
    authority.each_event(actor, last, [&](const Event& event) {
      last = event.seq;
      if (!filter.passes(event)) {
        return true;
      }
      if (!holding) {
        print(event);
        return true;
      }
      held.push_back(event);
      if (held.size() > *limit) {
        held.pop_front();
      }
      return true;
    });
    std::for_each(held.begin(), held.end(), print);
    held.clear();
    holding = false;
    context.out().flush();
    watch.wait(context.out().fd());
    if (watch.is_replaced()) {
      throw Error(Errc::unavailable, "another store was put in the place of this one", "run it again");
    }
  }
}

int run_list(Context& context, const Arguments& arguments) {
  if (arguments.has("follow")) {
    return run_follow(context, arguments);
  }
  const EventFilter filter(arguments, context.clock().now());
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
    print_table(context, arguments, events);
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
    .details = "denied x13: thirteen like it in a short time, of which the log holds one.",
    .examples = "caplet audit list --since 24h\n"
                "caplet audit list --action '*.revoke' -o jsonl\n"
                "caplet audit list --follow --limit 5",
    .options = k_options,
    .formats = "table,json,jsonl",
    .token = TokenRole::actor,
    .run = run_list,
};

} // namespace caplet
