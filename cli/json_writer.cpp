#include "cli/json_writer.hpp"

#include "cli/token_view.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace caplet {
namespace {

// An object, not a function: so it is inlined where it is handed to an algorithm.
constexpr auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };

} // namespace

void JsonWriter::begin_value() {
  if (m_comma) {
    m_out += ',';
  }
  m_comma = true;
}

void JsonWriter::quoted(std::string_view value) {
  if (std::all_of(value.begin(), value.end(), is_plain)) {
    m_out += '"';
    m_out += value;
    m_out += '"';
  } else {
    m_out += json_line(std::string(value));
  }
}

JsonWriter& JsonWriter::open(char bracket) {
  begin_value();
  m_out += bracket;
  m_comma = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  m_out += bracket;
  m_comma = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  m_out.append(m_comma ? ",\"" : "\"");
  m_out.append(name);
  m_out.append("\":", 2);
  m_comma = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  begin_value();
  quoted(value);
  return *this;
}

JsonWriter& JsonWriter::text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }

JsonWriter& JsonWriter::number(std::uint64_t value) {
  begin_value();
  m_out += fmt::format_int(value).c_str();
  return *this;
}

JsonWriter& JsonWriter::number_or_null(std::uint64_t value) { return value == 0 ? null() : number(value); }

JsonWriter& JsonWriter::boolean(bool value) {
  begin_value();
  m_out += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  begin_value();
  m_out.append("null", 4);
  return *this;
}

JsonWriter& JsonWriter::time(const std::optional<Instant>& value) {
  if (!value) {
    return null();
  }
  begin_value();
  m_out += '"';
  append_rfc3339(m_out, *value);
  m_out += '"';
  return *this;
}

JsonWriter& JsonWriter::texts(const std::vector<std::string>& values) {
  open('[');
  for (const std::string& value : values) {
    text(value);
  }
  return close(']');
}

} // namespace caplet
