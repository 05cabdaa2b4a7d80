// The audit log for other people's tools: CSV and OCSF. Declared in audit_export.hpp.

#include "cli/audit_export.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

using nlohmann::ordered_json;

/// RFC 4180, section 2: a field with a comma, a quote or a line break stands in quotes, its quotes doubled. Text that a
/// spreadsheet would run is made text by a ' before it (OWASP, "CSV Injection").
std::string csv_cell(std::string_view text) {
  constexpr std::string_view k_formula = "=+-@\t\r";
  std::string cell = escape(text, text.size());
  if (!text.empty() && k_formula.find(text.front()) != std::string_view::npos) {
    cell.insert(0, 1, '\'');
  }
  if (cell.find_first_of(",\"\r\n") == std::string::npos) {
    return cell;
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + '"';
}

/// https://schema.ocsf.io/1.3.0/classes/api_activity: the verbs of our actions that are one of its four activities.
struct Activity {
  int id;
  std::string_view name;
};

Activity activity_of(std::string_view action) {
  struct Row {
    std::string_view verb;
    Activity activity;
  };
  constexpr Activity k_create{1, "Create"};
  constexpr Activity k_read{2, "Read"};
  constexpr Activity k_update{3, "Update"};
  constexpr Activity k_delete{4, "Delete"};
  constexpr std::array k_rows{
      Row{"create", k_create}, Row{"mint", k_create},   Row{"add", k_create},    Row{"import", k_create},
      Row{"read", k_read},     Row{"list", k_read},     Row{"export", k_read},   Row{"update", k_update},
      Row{"rename", k_update}, Row{"rotate", k_update}, Row{"renew", k_update},  Row{"rekey", k_update},
      Row{"grant", k_update},  Row{"revoke", k_delete}, Row{"remove", k_delete}, Row{"delete", k_delete},
  };
  const std::string_view verb = action.substr(action.rfind('.') + 1);
  const auto* const found =
      std::find_if(k_rows.begin(), k_rows.end(), [&](const Row& row) { return row.verb == verb; });
  return found == k_rows.end() ? Activity{99, verb} : found->activity;
}

ordered_json ocsf_user(const Event& event) {
  const bool is_owner = event.actor_kind == Actor::Kind::owner;
  ordered_json user{{"name", event.actor_name}, {"type_id", is_owner ? 2 : 99}, {"type", is_owner ? "Admin" : "token"}};
  if (is_owner) {
    user["uid"] = fmt::format("{}", event.os_uid);
  } else {
    user["uid"] = event.actor_id;
    user["credential_uid"] = event.actor_id;
  }
  return user;
}

} // namespace

std::string csv_header() {
  return "seq,time,action,actor_kind,actor_id,actor_name,os_uid,target_id,target_name,outcome,reason,repeats,link";
}

std::string csv_row(const Event& event) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}", event.seq, format_rfc3339(event.time),
                     csv_cell(event.action), to_string(event.actor_kind), csv_cell(event.actor_id),
                     csv_cell(event.actor_name), event.os_uid, csv_cell(event.target_id), csv_cell(event.target_name),
                     to_string(event.outcome), csv_cell(event.reason), event.repeats, to_hex(event.link));
}

std::string ocsf_line(const Event& event, std::string_view origin) {
  constexpr int k_class = 6003;
  const Activity activity = activity_of(event.action);
  const bool ok = event.outcome == Event::Outcome::ok;
  ordered_json json{
      {"category_uid", 6},
      {"category_name", "Application Activity"},
      {"class_uid", k_class},
      {"class_name", "API Activity"},
      {"activity_id", activity.id},
      {"activity_name", activity.name},
      {"type_uid", k_class * 100 + activity.id},
      {"type_name", fmt::format("API Activity: {}", activity.id == 99 ? "Other" : activity.name)},
      {"time", std::chrono::floor<std::chrono::milliseconds>(event.time).time_since_epoch().count()},
      {"severity_id", ok ? 1 : 2},
      {"severity", ok ? "Informational" : "Low"},
      {"status_id", ok ? 1 : 2},
      {"status", ok ? "Success" : "Failure"},
      {"count", event.repeats + 1},
      {"metadata",
       {{"version", "1.3.0"},
        {"product", {{"name", "caplet"}, {"vendor_name", "caplet"}, {"version", CAPLET_VERSION}}},
        {"log_name", origin},
        {"uid", fmt::format("{}/{}", origin, event.seq)},
        {"sequence", event.seq},
        {"original_time", format_rfc3339(event.time)}}},
      {"actor", {{"user", ocsf_user(event)}}},
      {"api", {{"operation", event.action}, {"service", {{"name", "caplet"}}}}},
      {"src_endpoint", {{"name", "localhost"}}}, // required; events do not say which machine
      {"unmapped", {{"os_uid", event.os_uid}, {"link", to_hex(event.link)}}},
  };
  if (!event.reason.empty()) {
    json["status_detail"] = event.reason;
  }
  if (!event.target_id.empty() || !event.target_name.empty()) {
    ordered_json target = ordered_json::object();
    if (!event.target_id.empty()) {
      target["uid"] = event.target_id;
    }
    if (!event.target_name.empty()) {
      target["name"] = event.target_name;
    }
    json["resources"] = ordered_json::array({target});
  }
  return json_line(json);
}

} // namespace caplet
