#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_narrowest = 20; ///< no paragraph is narrower
constexpr std::size_t k_moment = std::string_view("Jan 10 2023 11:55").size();

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

/// The text in lines that are not wider: broken at blanks, else anywhere.
std::vector<std::string> folded(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (display_width(text) > width) {
    const std::string piece = cut(text, width, "");
    std::size_t end = piece.size();
    if (const auto blank = piece.rfind(' '); text[end] != ' ' && blank != std::string::npos && blank > 0) {
      end = blank;
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  lines.emplace_back(text);
  return lines;
}

} // namespace

Table& Table::column(std::string heading, Shrink shrink, Rank rank) {
  m_columns.push_back({std::move(heading), shrink, rank});
  return *this;
}

void Table::row(std::vector<Cell> cells) { m_rows.push_back(std::move(cells)); }

/// With the lines and a blank on either side of each cell.
std::size_t Table::total_of(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 3 * widths.size() + 1);
}

std::vector<std::size_t> Table::widths(const std::optional<std::size_t>& most, std::size_t least) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < m_columns.size(); ++i) {
    std::size_t width = display_width(m_columns[i].heading);
    for (const auto& row : m_rows) {
      width = std::max(width, display_width(row[i].text));
    }
    widths.push_back(width);
  }
  while (most && total_of(widths) > *most) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (m_columns[i].shrink == Shrink::allowed && widths[i] > least && (widest == nullptr || widths[i] > *widest)) {
        widest = &widths[i];
      }
    }
    if (widest == nullptr) {
      break;
    }
    *widest -= 1;
  }
  return widths;
}

std::string Table::boxes(const Look& look, const std::vector<std::size_t>& widths) const {
  const Lines& lines = look.utf8 ? k_utf8 : k_ascii;
  const auto draw_row = [&](const auto& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += lines.vertical;
      out += cell(cells[i], widths[i], lines, look.color);
    }
    out += lines.vertical;
    return out + "\n";
  };
  std::vector<Cell> headings;
  for (const Column& column : m_columns) {
    headings.push_back({column.heading, Style::bold});
  }
  std::string out = rule(lines, lines.top, widths) + draw_row(headings) + rule(lines, lines.middle, widths);
  for (const auto& row : m_rows) {
    out += draw_row(row);
  }
  return out + rule(lines, lines.bottom, widths);
}

std::string Table::paragraphs(const Look& look) const {
  std::size_t indent = 0;
  for (const Column& column : m_columns) {
    indent = std::max(indent, display_width(column.heading) + 2);
  }
  const std::size_t width = std::max(*look.width, k_narrowest);
  const bool below = indent + k_moment > width; // no room beside the headings
  const std::size_t margin = below ? 2 : indent;
  std::string out;
  for (const auto& row : m_rows) {
    out += out.empty() ? "" : "\n";
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
      if (row[i].text.empty()) {
        continue;
      }
      const std::string& heading = m_columns[i].heading;
      out += styled(heading, Style::bold, look.color);
      out += below ? "\n" + std::string(margin, ' ') : std::string(margin - display_width(heading), ' ');
      const auto lines = folded(row[i].text, width - margin);
      for (std::size_t n = 0; n < lines.size(); ++n) {
        out += (n == 0 ? "" : std::string(margin, ' ')) + styled(lines[n], row[i].style, look.color) + "\n";
      }
    }
  }
  return out;
}

void Table::drop_column(std::size_t at) {
  const auto erase = [&](auto& from) { from.erase(from.begin() + static_cast<std::ptrdiff_t>(at)); };
  erase(m_columns);
  std::for_each(m_rows.begin(), m_rows.end(), erase);
}

std::optional<Table> Table::reduced(std::size_t width) const {
  Table left = *this;
  const auto by_rank = [](const Column& a, const Column& b) { return a.rank < b.rank; };
  while (!left.fits(width)) {
    const auto highest = std::max_element(left.m_columns.begin(), left.m_columns.end(), by_rank);
    if (highest->rank == Rank::kept) {
      const bool is_enough = total_of(left.widths(width, k_least)) <= width;
      return is_enough ? std::optional(std::move(left)) : std::nullopt;
    }
    left.drop_column(static_cast<std::size_t>(highest - left.m_columns.begin()));
  }
  return left;
}

std::string Table::draw(const Look& look) const {
  if (!look.width) {
    return boxes(look, widths(std::nullopt, k_readable));
  }
  const auto left = reduced(*look.width);
  return left ? left->boxes(look, left->widths(look.width, left->fits(*look.width) ? k_readable : k_least))
              : paragraphs(look);
}

std::string draw_what_fits(const Table::Look& look, std::size_t count, const std::function<Table(std::size_t)>& make) {
  for (std::size_t i = 0; i < count; ++i) {
    const Table table = make(i);
    if (!look.width || table.fits(*look.width) || (i + 1 == count && table.reduced(*look.width))) {
      return table.draw(look);
    }
  }
  return make(0).draw(look);
}

} // namespace caplet
