#pragma once

#include "cli/terminal.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// A box table. Widths are in display columns; ASCII where the locale is not UTF-8. On a terminal that is narrower, the
/// columns that may shrink do, the widest first; then those that may go do, the highest rank first; and at last each
/// row becomes a paragraph, a line for each of its cells. From 20 columns on, none of these is wider than the terminal.
class Table {
public:
  /// Which columns may be cut when the terminal is narrow, the widest first.
  enum class Shrink : std::uint8_t { never, allowed };
  /// Which columns go where all that may shrink have: the highest first.
  enum class Rank : std::uint8_t { kept, last, middle, first };
  struct Cell {
    std::string text; ///< escaped: no control characters
    Style style = Style::plain;
  };

  Table& column(std::string heading, Shrink shrink = Shrink::never, Rank rank = Rank::kept);
  void row(std::vector<Cell> cells);

  struct Look {
    bool utf8 = true;
    bool color = false;
    std::optional<std::size_t> width; ///< of the terminal; nothing: as wide as it needs
  };
  std::string draw(const Look& look) const;

  /// Whether all columns can be drawn so narrow, those that may shrink still readable.
  bool fits(std::size_t width) const { return total_of(widths(width, k_readable)) <= width; }
  /// What is left of it where it is drawn so narrow; nothing where boxes cannot be.
  std::optional<Table> reduced(std::size_t width) const;

private:
  static constexpr std::size_t k_readable = 8; ///< a column that may shrink keeps so much
  static constexpr std::size_t k_least = 5;    ///< where nothing else is left

  struct Column {
    std::string heading;
    Shrink shrink;
    Rank rank;
  };
  static std::size_t total_of(const std::vector<std::size_t>& widths);
  std::vector<std::size_t> widths(const std::optional<std::size_t>& most, std::size_t least) const;
  std::string boxes(const Look& look, const std::vector<std::size_t>& widths) const;
  std::string paragraphs(const Look& look) const;
  void drop_column(std::size_t at);

  std::vector<Column> m_columns;
  std::vector<std::vector<Cell>> m_rows;
};

/// Draws the first of several tables, each of which says less than the one before, that fits; where none does, what is
/// left of the last one, or else the first one in paragraphs.
std::string draw_what_fits(const Table::Look& look, std::size_t count, const std::function<Table(std::size_t)>& make);

} // namespace caplet
