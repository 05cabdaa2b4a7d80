#include "cli/layout.hpp"

#include "cli/command.hpp"

#include <fmt/format.h>

#include <vector>

namespace caplet {
namespace {

constexpr std::size_t k_margin = 2;
constexpr std::size_t k_least_text = 24; ///< narrower than this, a second column is no help

/// Words of a line of shell, with the blanks inside of quotes; a comment is one word.
std::vector<std::string_view> shell_words(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  char quote = '\0';
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const char c = i < line.size() ? line[i] : ' ';
    const bool is_comment = i > begin && line[begin] == '#';
    if (i == line.size() || (c == ' ' && quote == '\0' && !is_comment)) {
      words.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    } else if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    }
  }
  return words;
}

} // namespace

std::string Layout::command_line(std::string_view command) const {
  constexpr std::size_t k_deeper = 6;
  constexpr std::string_view k_goes_on = " \\";
  const auto words = shell_words(command);
  std::string out;
  std::string line = "  $";
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::size_t end = i + 1; // an option stays with its value
    end += words[i].starts_with('-') && end < words.size() && !words[end].starts_with('-') ? 1U : 0U;
    std::size_t needed = end == words.size() ? 0 : k_goes_on.size();
    for (std::size_t n = i; n < end; ++n) {
      needed += 1 + words[n].size();
    }
    if (i > 0 && line.size() + needed > m_width) {
      out += line + std::string(k_goes_on) + "\n";
      line = std::string(k_deeper - 1, ' ');
    }
    line += " ";
    line += words[i];
  }
  return out + line + "\n";
}

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
