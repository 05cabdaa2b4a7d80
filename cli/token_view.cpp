#include "cli/token_view.hpp"

#include "cli/command.hpp"
#include "cli/json_writer.hpp"
#include "core/concern.hpp"
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

void write_fields(JsonWriter& out, const Token& token, std::string_view account_name, Instant now) {
  out.key("id").text(token.id);
  out.key("name").text(token.name);
  out.key("description").text(token.description);
  out.key("kind").text(to_string(token.kind));
  out.key("account").text(account_name);
  out.key("state").text(to_string(state_of(token, now)));
  out.key("created_at").time(token.created_at);
  out.key("last_used_at").time(token.last_used_at);
  out.key("expires_at").time(token.expires_at);
  out.key("revoked_at").time(token.revoked_at);
  out.key("scopes").texts(token.scopes);
  out.key("scopes_used").texts(used_scopes(token));
  out.key("not_before").time(token.not_before);
  out.key("uses_limit").number_or_null(token.uses_limit);
  out.key("uses");
  if (token.uses_limit > 0) {
    out.number(token.uses);
  } else {
    out.null();
  }
  out.key("networks").open('[');
  for (const Network& network : token.networks) {
    out.text(to_text(network));
  }
  out.close(']');
  out.key("audiences").texts(token.audiences);
  out.key("expires_unused_seconds").number_or_null(static_cast<std::uint64_t>(token.idle_limit.count()));
  out.key("meta").open('{');
  for (const auto& [key, value] : token.meta) {
    out.key(key).text(value);
  }
  out.close('}');
  out.key("format").text(to_string(token.format));
  out.key("created_by").text_or_null(token.created_by);
  out.key("rotated_at").time(token.rotated_at);
  const auto& previous = token.previous;
  out.key("old_secret_until").time(previous && previous->until > now ? std::optional(previous->until) : std::nullopt);
}

ordered_json to_json(const Token& token, std::string_view account_name, Instant now) {
  std::string text;
  JsonWriter out(text);
  out.open('{');
  write_fields(out, token, account_name, now);
  out.close('}');
  return ordered_json::parse(text);
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
