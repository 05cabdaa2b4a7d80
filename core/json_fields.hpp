#pragma once

#include "core/bytes.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace caplet {

/// A JSON text is not what was asked for. The message may be printed: outside text in it is escaped.
struct BadJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One JSON object (RFC 8259) of texts, whole numbers, lists of texts and nulls, read strictly: no other values, no key
/// twice, nothing around it but blanks. Each field is taken once; what is left over at the end is an unknown key. All
/// functions throw BadJson.
class JsonFields {
public:
  explicit JsonFields(std::string_view text);

  bool has(std::string_view key) const { return m_values.contains(key); }
  std::string text(std::string_view key);
  std::string text_or_null(std::string_view key); ///< empty for null
  std::uint64_t number(std::string_view key);
  std::vector<std::string> list(std::string_view key); ///< of texts
  void hex(std::string_view key, std::span<unsigned char> out);
  void done() const;

private:
  class Handler;
  using Value = std::variant<std::monostate, std::uint64_t, std::string, std::vector<std::string>>;
  Value take(std::string_view key);

  std::map<std::string, Value, std::less<>> m_values;
};

} // namespace caplet
