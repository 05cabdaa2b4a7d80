#include "cli/layout.hpp"

#include "cli/command.hpp"

#include <fmt/format.h>

namespace caplet {
namespace {

constexpr std::size_t k_margin = 2;
constexpr std::size_t k_least_text = 24; ///< narrower than this, a second column is no help

} // namespace

std::string Layout::wrapped(std::string_view text, std::size_t first, std::size_t indent) const {
  std::string out;
  std::size_t at = first;
  bool fresh = true;
  const auto next_line = [&] {
    out += '\n';
    at = 0;
    fresh = true;
  };
  for (const std::string_view line : split(text, '\n')) {
    if (!out.empty()) {
      next_line();
    }
    for (const std::string_view word : split(line, ' ')) {
      if (!fresh && at + 1 + word.size() > m_width) {
        next_line();
      }
      if (at == 0) {
        out.append(indent, ' ');
        at = indent;
      } else if (!fresh) {
        out += ' ';
        ++at;
      }
      out += word;
      at += word.size();
      fresh = false;
    }
  }
  return out + "\n";
}

std::string Layout::two_columns(std::string_view left, std::size_t width, std::string_view right) const {
  const std::size_t indent = k_margin + width + 2;
  if (indent + k_least_text > m_width) { // a narrow terminal: one below the other
    constexpr std::size_t k_below = 6;
    return fmt::format("{:{}}{}\n{:{}}{}", "", k_margin, left, "", k_below, wrapped(right, k_below, k_below));
  }
  if (left.size() > width) {
    return fmt::format("{:{}}{}\n{:{}}{}", "", k_margin, left, "", indent, wrapped(right, indent, indent));
  }
  return fmt::format("{:{}}{:<{}}  {}", "", k_margin, left, width, wrapped(right, indent, indent));
}

} // namespace caplet
