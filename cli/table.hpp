#pragma once

#include "cli/terminal.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// A box table. Widths are in display columns; ASCII where the locale is not UTF-8; cut only to a terminal's width.
class Table {
public:
  /// Which columns may be cut when the terminal is narrow, the widest first.
  enum class Shrink : std::uint8_t { never, allowed };
  struct Cell {
    std::string text; ///< escaped: no control characters
    Style style = Style::plain;
  };

  Table& column(std::string heading, Shrink shrink = Shrink::never);
  void row(std::vector<Cell> cells);

  struct Look {
    bool utf8 = true;
    bool color = false;
    std::optional<std::size_t> width; ///< of the terminal; nothing: as wide as it needs
  };
  std::string draw(const Look& look) const;

  /// Whether it can be drawn so narrow, with every column that may shrink still readable.
  bool fits(std::size_t width) const;

private:
  struct Column {
    std::string heading;
    Shrink shrink;
  };
  std::vector<std::size_t> widths(const std::optional<std::size_t>& most) const;

  std::vector<Column> m_columns;
  std::vector<std::vector<Cell>> m_rows;
};

} // namespace caplet
