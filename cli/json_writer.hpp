#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Writes JSON (RFC 8259) on one line, straight to the end of a text: for what is written by the million. Text that
/// holds harmful characters leaves in escapes only. REQUIRES: the text outlives it; keys hold nothing to be escaped.
class JsonWriter {
public:
  explicit JsonWriter(std::string& out) : m_out(out) {}

  JsonWriter& open(char bracket); ///< `{` or `[`
  JsonWriter& close(char bracket);
  JsonWriter& key(std::string_view name);
  /// A key that stands in the source is appended with its marks at once: there are more keys than all else.
  template <std::size_t Size>
  JsonWriter& key(const char (&name)[Size]) {
    std::array<char, Size + 3> text{',', '"'};
    std::copy_n(name, Size - 1, text.begin() + 2);
    text[Size + 1] = '"';
    text[Size + 2] = ':';
    const std::size_t skipped = m_comma ? 0 : 1;
    m_out.append(text.data() + skipped, text.size() - skipped);
    m_comma = false;
    return *this;
  }

  JsonWriter& text(std::string_view value);
  JsonWriter& text_or_null(std::string_view value); ///< null for an empty one
  JsonWriter& number(std::uint64_t value);
  JsonWriter& number_or_null(std::uint64_t value); ///< null for 0
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& time(const std::optional<Instant>& value); ///< RFC 3339, or null
  JsonWriter& texts(const std::vector<std::string>& values);

private:
  void begin_value();
  void quoted(std::string_view value);

  std::string& m_out;
  bool m_comma = false; ///< stands before the next key or value
};

} // namespace caplet
