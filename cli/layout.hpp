#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace caplet {

/// Text for a person, so many columns wide. REQUIRES: the text is ours, in ASCII.
class Layout {
public:
  /// As wide as a text may be where nothing says how wide it will be shown.
  static constexpr std::size_t k_usual = 80;

  explicit Layout(std::size_t width = k_usual) noexcept : m_width(width) {}

  /// The text in lines, each with its line break; the first begins at column `first`, the others at `indent`. A line
  /// break in the text is kept.
  std::string wrapped(std::string_view text, std::size_t first = 0, std::size_t indent = 0) const;

  /// `  left    right`, wrapped under right; under left where left is too wide.
  std::string two_columns(std::string_view left, std::size_t width, std::string_view right) const;

  /// `  $ command` to be copied: where it is too long, in several lines that a shell takes for one, each but the last
  /// with a backslash at its end. It is broken between words alone, and so may stay too long.
  std::string command_line(std::string_view command) const;

private:
  std::size_t m_width;
};

} // namespace caplet
