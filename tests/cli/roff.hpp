#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace caplet::test {

/// The text of a page of the manual without roff's names for characters.
inline std::string without_roff(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_names{
      {{"\\-", "-"}, {"\\&", ""}, {"\\(ti", "~"}, {"\\(aq", "'"}, {"\\(ha", "^"}, {"\\(ga", "`"}, {"\\e", "\\"}}};
  for (const auto& [name, character] : k_names) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + character.size())) {
      text.replace(at, name.size(), character);
    }
  }
  return text;
}

} // namespace caplet::test
