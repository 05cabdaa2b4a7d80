#pragma once

#include "core/clock.hpp"
#include "core/token.hpp"
#include "core/verdict.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace caplet {

class Arguments;
class JsonWriter;
struct Command;

/// The output format asked for: what `-o` says, `json` for --json, else the command's first.
std::string output_format(const Command& command, const Arguments& arguments);

/// A moment for a person, in local time: `Jan 10 2023 11:55`.
std::string local_time(Instant time);
/// `Jan 10 2023 11:55 (in 89 days)`, `(3 hours ago)`.
std::string local_time_and_distance(Instant time, Instant now);
/// `never` for nothing.
std::string expiry_text(const std::optional<Instant>& expires_at);

/// The keys of a token in machine formats and their values, in their order. Only ever added to.
void write_fields(JsonWriter& out, const Token& token, std::string_view account_name, Instant now);
/// The same as an object.
nlohmann::ordered_json to_json(const Token& token, std::string_view account_name, Instant now);
/// An Instant, or null.
nlohmann::ordered_json to_json(const std::optional<Instant>& time);

/// JSON text: one line, or indented for people. Text that holds harmful characters leaves in escapes only.
std::string json_line(const nlohmann::ordered_json& json);
std::string json_pretty(const nlohmann::ordered_json& json);

/// One field of a tab-separated line: backslashes doubled, control characters as `\u{9}`.
std::string tsv_field(std::string_view text);

} // namespace caplet
