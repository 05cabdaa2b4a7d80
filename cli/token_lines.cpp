#include "cli/token_lines.hpp"

#include "cli/suggest.hpp"
#include "cli/token_options.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bitset>

namespace caplet {
namespace {

enum class Kind : std::uint8_t { text, texts, number, texts_by_key };

/// What a key's value is to be, and what is done with it. `texts` and `texts_by_key` are told of each in turn.
struct Field {
  std::string_view key;
  Kind kind;
  void (*take)(TokenRequest& request, const std::string& text, Instant now);
};

constexpr std::array k_fields{
    Field{"name", Kind::text, [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.name = text; }},
    Field{"description", Kind::text,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.description = text; }},
    Field{"expires", Kind::text,
          [](TokenRequest& to, const std::string& text, Instant now) { to.ending = parse_expiry(text, now); }},
    Field{"scopes", Kind::texts,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.scopes.push_back(text); }},
    Field{"functions", Kind::texts,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) {
            to.scopes.push_back(scope_of_function(text));
          }},
    Field{"not_before", Kind::text,
          [](TokenRequest& to, const std::string& text, Instant now) { to.not_before = start_from(text, now); }},
    Field{"uses", Kind::number,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) {
            to.uses_limit = count_from(text, "\"uses\"");
          }},
    Field{
        "networks", Kind::texts,
        [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.networks.push_back(parse_network(text)); }},
    Field{"audiences", Kind::texts,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.audiences.push_back(text); }},
    Field{"expires_unused", Kind::text,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) {
            to.idle_limit = duration_from(text, "\"expires_unused\"");
          }},
    Field{"meta", Kind::texts_by_key,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) { to.meta.back().second = text; }},
    Field{"format", Kind::text,
          [](TokenRequest& to, const std::string& text, Instant /*now*/) {
            to.format = token_format_from(text, "\"format\"");
          }},
};

std::string_view described(Kind kind) {
  switch (kind) {
  case Kind::text:
    return "a text";
  case Kind::texts:
    return "a list of texts";
  case Kind::number:
    return "a whole number";
  case Kind::texts_by_key:
    return "an object of texts";
  }
  return {};
}

Error no_object() {
  return {Errc::usage, "it is not a JSON object", R"(one object a line: {"name": "ci", "expires": "30d"})"};
}

/// Told by the parser of each piece of text (nlohmann::json_sax).
class Handler {
public:
  explicit Handler(Instant now) : m_now(now) {}

  // NOLINTBEGIN(readability-convert-member-functions-to-static): the parser's interface
  bool null() { refuse(); }
  bool boolean(bool /*value*/) { refuse(); }
  bool number_integer(std::int64_t /*value*/) { refuse(); }
  bool number_unsigned(std::uint64_t value) { return put(Kind::number, fmt::format("{}", value)); }
  bool number_float(double /*value*/, const std::string& /*text*/) { refuse(); }
  bool string(std::string& value) { return put(Kind::text, value); }
  bool binary(nlohmann::json::binary_t& /*value*/) { refuse(); }
  bool start_array(std::size_t /*size*/) { return open(Kind::texts); }
  bool end_array() { return close(); }
  bool start_object(std::size_t /*size*/) {
    if (!m_started) {
      m_started = true;
      return true;
    }
    return open(Kind::texts_by_key);
  }
  bool end_object() { return close(); }
  bool key(std::string& name) {
    if (m_inside) {
      m_request.meta.emplace_back(std::move(name), "");
      return true;
    }
    m_field = std::find_if(k_fields.begin(), k_fields.end(), [&](const Field& field) { return field.key == name; });
    if (m_field == k_fields.end()) {
      throw_unknown(name);
    }
    const auto number = static_cast<std::size_t>(m_field - k_fields.begin());
    if (m_seen.test(number)) {
      throw Error(Errc::usage, fmt::format("the key \"{}\" is there twice", m_field->key), "give each key once");
    }
    m_seen.set(number);
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const std::exception& /*error*/) {
    throw no_object();
  }
  // NOLINTEND(readability-convert-member-functions-to-static)

  TokenRequest& request() { return m_request; }

private:
  bool put(Kind kind, const std::string& value) {
    if (!m_started) {
      throw no_object();
    }
    const bool fits = m_inside ? kind == Kind::text : kind == m_field->kind;
    if (!fits) {
      refuse();
    }
    m_is_empty = false;
    m_field->take(m_request, value, m_now);
    return true;
  }
  bool open(Kind kind) {
    if (!m_started) {
      throw no_object();
    }
    if (m_inside || kind != m_field->kind) {
      refuse();
    }
    m_inside = true;
    m_is_empty = true;
    return true;
  }
  bool close() {
    if (m_inside && m_is_empty && m_field->kind == Kind::texts) { // of a template whose variable was: no limit at all
      throw Error(Errc::usage, fmt::format("\"{}\" is an empty list", m_field->key),
                  "leave the key out where there is to be no such limit");
    }
    m_inside = false;
    return true;
  }
  [[noreturn]] void refuse() const {
    if (!m_started) {
      throw no_object();
    }
    throw Error(Errc::usage, fmt::format("\"{}\" has to be {}", m_field->key, described(m_field->kind)),
                "what a key takes: caplet token create --help");
  }
  [[noreturn]] static void throw_unknown(std::string_view name) {
    std::vector<std::string_view> keys(k_fields.size());
    std::transform(k_fields.begin(), k_fields.end(), keys.begin(), [](const Field& field) { return field.key; });
    const std::string_view meant = closest(name, keys);
    throw Error(Errc::usage, fmt::format("unknown key \"{}\"", escape(name, 40)),
                meant.empty() ? fmt::format("one of: {}", fmt::join(keys, ", "))
                              : fmt::format("did you mean \"{}\"?", meant));
  }

  Instant m_now;
  TokenRequest m_request;
  bool m_started = false; ///< the object of the line
  bool m_inside = false;  ///< a list or an object in it
  bool m_is_empty = true; ///< so far
  const Field* m_field = k_fields.end();
  std::bitset<k_fields.size()> m_seen;
};

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

} // namespace

TokenRequest token_request_from_json(std::string_view line, Instant now) {
  if (line.find('\0') != std::string_view::npos) { // for the parser it would be the end, whatever comes behind
    throw Error(Errc::usage, "there is a NUL in it", "one object a line, and nothing behind it");
  }
  Handler handler(now);
  nlohmann::json::sax_parse(line.begin(), line.end(), &handler);
  if (handler.request().name.empty()) {
    throw Error(Errc::usage, "\"name\" is missing", "say what the token is for");
  }
  return std::move(handler.request());
}

std::optional<TokenRequest> TokenLines::next() {
  while (const auto line = m_lines.next()) {
    if (is_blank(*line)) {
      continue;
    }
    try {
      return token_request_from_json(*line, m_now);
    } catch (const Error& e) {
      throw at_line(e);
    }
  }
  return std::nullopt;
}

Error TokenLines::at_line(const Error& error) const {
  return {error.code(), fmt::format("line {}: {}", m_lines.number(), error.what()), error.hint()};
}

} // namespace caplet
