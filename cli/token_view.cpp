#include "cli/token_view.hpp"

#include "cli/command.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <ctime>
#include <string_view>

namespace caplet {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& json, int indent) {
  constexpr auto k_replace = ordered_json::error_handler_t::replace;
  std::string text = json.dump(indent, ' ', false, k_replace);
  std::string lines = text; // our own line breaks are no harm
  std::erase(lines, '\n');
  const bool harmless = escape(lines, lines.size()) == lines;
  wipe(lines); // it may hold a token
  return harmless ? text : json.dump(indent, ' ', true, k_replace);
}

} // namespace

std::string output_format(const Command& command, const Arguments& arguments) {
  if (arguments.has("json")) {
    return "json";
  }
  return arguments.value("output").value_or(std::string(split(command.formats).front()));
}

std::string local_time(Instant time) {
  constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{} {:02} {} {:02}:{:02}", k_months.at(static_cast<std::size_t>(local.tm_mon)), local.tm_mday,
                     local.tm_year + 1900, local.tm_hour, local.tm_min);
}

std::string local_time_and_distance(Instant time, Instant now) {
  const auto distance = std::chrono::round<std::chrono::seconds>(time - now);
  if (distance == std::chrono::seconds::zero()) {
    return local_time(time) + " (just now)";
  }
  return time > now ? fmt::format("{} (in {})", local_time(time), humanize(distance))
                    : fmt::format("{} ({} ago)", local_time(time), humanize(-distance));
}

std::string expiry_text(const std::optional<Instant>& expires_at) {
  return expires_at ? local_time(*expires_at) : "never";
}

ordered_json to_json(const std::optional<Instant>& time) {
  return time ? ordered_json(format_rfc3339(*time)) : ordered_json();
}

ordered_json to_json(const Token& token, std::string_view account_name, Instant now) {
  ordered_json networks = ordered_json::array();
  for (const Network& network : token.networks) {
    networks.push_back(to_text(network));
  }
  ordered_json meta = ordered_json::object();
  for (const auto& [key, value] : token.meta) {
    meta[key] = value;
  }
  const auto number_or_null = [](std::uint64_t number) { return number > 0 ? ordered_json(number) : ordered_json(); };
  const auto text_or_null = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
  const auto& previous = token.previous;
  return {{"id", token.id},
          {"name", token.name},
          {"description", token.description},
          {"kind", to_string(token.kind)},
          {"account", account_name},
          {"state", to_string(state_of(token, now))},
          {"created_at", to_json(token.created_at)},
          {"last_used_at", to_json(token.last_used_at)},
          {"expires_at", to_json(token.expires_at)},
          {"revoked_at", to_json(token.revoked_at)},
          {"scopes", ordered_json(token.scopes)},
          {"not_before", to_json(token.not_before)},
          {"uses_limit", number_or_null(token.uses_limit)},
          {"uses", token.uses_limit > 0 ? ordered_json(token.uses) : ordered_json()},
          {"networks", std::move(networks)},
          {"audiences", ordered_json(token.audiences)},
          {"expires_unused_seconds", number_or_null(static_cast<std::uint64_t>(token.idle_limit.count()))},
          {"meta", std::move(meta)},
          {"format", to_string(token.format)},
          {"created_by", text_or_null(token.created_by)},
          {"rotated_at", to_json(token.rotated_at)},
          {"old_secret_until", previous && previous->until > now ? to_json(previous->until) : ordered_json()}};
}

std::string json_line(const ordered_json& json) { return dump(json, -1); }
std::string json_pretty(const ordered_json& json) { return dump(json, 2); }

std::string tsv_field(std::string_view text) {
  std::string doubled;
  for (const char c : text) {
    doubled.append(c == '\\' ? 2 : 1, c);
  }
  return escape(doubled, doubled.size());
}

} // namespace caplet
