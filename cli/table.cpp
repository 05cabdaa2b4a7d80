#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_narrowest = 8; // a column that may shrink keeps so much

struct Lines {
  std::string_view horizontal, vertical;
  std::array<std::string_view, 3> top, middle, bottom; ///< left, between, right
  std::string_view ellipsis;
};
constexpr Lines k_utf8{"─", "│", {"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}, "…"};
constexpr Lines k_ascii{"-", "|", {"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}, "..."};

std::string rule(const Lines& lines, const std::array<std::string_view, 3>& joints,
                 const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out += joints[i == 0 ? 0 : 1];
    for (std::size_t n = 0; n < widths[i] + 2; ++n) {
      out += lines.horizontal;
    }
  }
  out += joints[2];
  return out + "\n";
}

std::string cell(const Table::Cell& cell, std::size_t width, const Lines& lines, bool color) {
  const std::string text = cut(cell.text, width, lines.ellipsis);
  return " " + styled(text, cell.style, color) + std::string(width - std::min(width, display_width(text)) + 1, ' ');
}

/// With the lines and a blank on either side of each cell.
std::size_t total_width(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 3 * widths.size() + 1);
}

} // namespace

Table& Table::column(std::string heading, Shrink shrink) {
  m_columns.push_back({std::move(heading), shrink});
  return *this;
}

void Table::row(std::vector<Cell> cells) { m_rows.push_back(std::move(cells)); }

std::vector<std::size_t> Table::widths(const std::optional<std::size_t>& most) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < m_columns.size(); ++i) {
    std::size_t width = display_width(m_columns[i].heading);
    for (const auto& row : m_rows) {
      width = std::max(width, display_width(row[i].text));
    }
    widths.push_back(width);
  }
  if (!most) {
    return widths;
  }
  while (total_width(widths) > *most) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (m_columns[i].shrink == Shrink::allowed && widths[i] > k_narrowest &&
          (widest == nullptr || widths[i] > *widest)) {
        widest = &widths[i];
      }
    }
    if (widest == nullptr) {
      break; // rather too wide than unreadable
    }
    *widest -= 1;
  }
  return widths;
}

bool Table::fits(std::size_t width) const { return total_width(widths(width)) <= width; }

std::string Table::draw(const Look& look) const {
  const Lines& lines = look.utf8 ? k_utf8 : k_ascii;
  const auto width = widths(look.width);
  const auto draw_row = [&](const auto& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += lines.vertical;
      out += cell(cells[i], width[i], lines, look.color);
    }
    out += lines.vertical;
    return out + "\n";
  };
  std::vector<Cell> headings;
  for (const Column& column : m_columns) {
    headings.push_back({column.heading, Style::bold});
  }
  std::string out = rule(lines, lines.top, width) + draw_row(headings) + rule(lines, lines.middle, width);
  for (const auto& row : m_rows) {
    out += draw_row(row);
  }
  return out + rule(lines, lines.bottom, width);
}

} // namespace caplet
