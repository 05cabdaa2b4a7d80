#include "core/json_fields.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_key_shown = 40;
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

} // namespace

/// Told by the parser of each piece of text (nlohmann::json_sax); false ends the parsing.
class JsonFields::Handler {
public:
  explicit Handler(JsonFields& fields) : m_fields(fields) {}

  // NOLINTBEGIN(readability-convert-member-functions-to-static): the parser's interface
  bool null() { return put(Value()); }
  bool boolean(bool /*value*/) { return fail(); }
  bool number_integer(std::int64_t /*value*/) { return fail(); }
  bool number_unsigned(std::uint64_t value) { return put(value); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return fail(); }
  bool string(std::string& value) {
    if (m_in_list) {
      m_list.push_back(std::move(value));
      return true;
    }
    return put(std::move(value));
  }
  bool binary(nlohmann::json::binary_t& /*value*/) { return fail(); }
  bool start_array(std::size_t /*size*/) {
    if (m_in_list || !m_inside) {
      return fail();
    }
    m_in_list = true;
    return true;
  }
  bool end_array() {
    m_in_list = false;
    return put(std::exchange(m_list, {}));
  }
  bool end_object() { return true; }
  bool start_object(std::size_t /*size*/) {
    const bool outermost = !m_inside;
    m_inside = true;
    return outermost || fail();
  }
  bool key(std::string& name) {
    if (m_fields.has(name)) {
      m_why = fmt::format("the key \"{}\" is there twice", escape(name, k_key_shown));
      return false;
    }
    m_key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const std::exception& /*error*/) {
    m_why = "it is not a JSON object";
    return false;
  }
  // NOLINTEND(readability-convert-member-functions-to-static)

  const std::string& why() const { return m_why; }

private:
  bool put(Value value) {
    if (!m_inside || m_in_list) {
      return fail();
    }
    m_fields.m_values.emplace(m_key, std::move(value));
    return true;
  }
  bool fail() {
    m_why = m_inside ? fmt::format("\"{}\" has a value of a wrong kind", escape(m_key, k_key_shown))
                     : "it is not a JSON object";
    return false;
  }

  JsonFields& m_fields;
  bool m_inside = false;
  bool m_in_list = false;
  std::vector<std::string> m_list;
  std::string m_key;
  std::string m_why;
};

JsonFields::JsonFields(std::string_view text) {
  // The parser would skip the one, and take the other for the end of the text.
  if (text.starts_with(k_byte_order_mark) || text.find('\0') != std::string_view::npos) {
    throw BadJson("it is not a JSON object");
  }
  Handler handler(*this);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &handler)) {
    throw BadJson(handler.why());
  }
}

JsonFields::Value JsonFields::take(std::string_view key) {
  const auto found = m_values.find(key);
  if (found == m_values.end()) {
    throw BadJson(fmt::format("\"{}\" is missing", key));
  }
  Value value = std::move(found->second);
  m_values.erase(found);
  return value;
}

std::string JsonFields::text(std::string_view key) {
  Value value = take(key);
  if (auto* text = std::get_if<std::string>(&value)) {
    return std::move(*text);
  }
  throw BadJson(fmt::format("\"{}\" is not a text", key));
}

std::string JsonFields::text_or_null(std::string_view key) {
  Value value = take(key);
  if (std::holds_alternative<std::monostate>(value)) {
    return {};
  }
  if (auto* text = std::get_if<std::string>(&value)) {
    return std::move(*text);
  }
  throw BadJson(fmt::format("\"{}\" is neither a text nor null", key));
}

std::uint64_t JsonFields::number(std::string_view key) {
  const Value value = take(key);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return *number;
  }
  throw BadJson(fmt::format("\"{}\" is not a number", key));
}

std::vector<std::string> JsonFields::list(std::string_view key) {
  Value value = take(key);
  if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
    return std::move(*list);
  }
  throw BadJson(fmt::format("\"{}\" is not a list of texts", key));
}

void JsonFields::hex(std::string_view key, std::span<unsigned char> out) {
  if (!from_hex(text(key), out)) {
    throw BadJson(fmt::format("\"{}\" is not {} bytes in hexadecimal", key, out.size()));
  }
}

void JsonFields::done() const {
  if (!m_values.empty()) {
    throw BadJson(fmt::format("the key \"{}\" does not belong there", escape(m_values.begin()->first, k_key_shown)));
  }
}

} // namespace caplet
