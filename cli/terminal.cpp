#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <utf8proc.h>

#include <algorithm>
#include <cctype>

namespace caplet {
namespace {

/// Bytes and columns of the first character.
struct Glyph {
  std::size_t bytes;
  std::size_t columns;
};

Glyph first_glyph(std::string_view text) {
  utf8proc_int32_t code = -1;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (used <= 0) {
    return {1, 1};
  }
  return {static_cast<std::size_t>(used), static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code)))};
}

std::string_view code_of(Style style) {
  switch (style) {
  case Style::bold:
    return "1";
  case Style::dim:
    return "2";
  case Style::red:
    return "31";
  case Style::green:
    return "32";
  case Style::yellow:
    return "33";
  case Style::cyan:
    return "36";
  case Style::plain:
    break;
  }
  return "0";
}

} // namespace

bool wants_color(const Output& stream, const std::optional<std::string>& choice, const Environment& environment) {
  if (choice == "always" || choice == "never") {
    return choice == "always";
  }
  if (environment("NO_COLOR")) {
    return false;
  }
  if (const auto force = environment("CLICOLOR_FORCE"); force && *force != "0") {
    return true;
  }
  if (environment("CLICOLOR") == "0") {
    return false;
  }
  return stream.is_terminal() && environment("TERM").value_or("dumb") != "dumb";
}

std::optional<std::size_t> terminal_width(const Output& stream) {
  winsize size{};
  if (!stream.is_terminal() || ::ioctl(stream.fd(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return size.ws_col;
}

bool is_utf8_locale(const Environment& environment) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (auto locale = environment(name)) {
      std::transform(locale->begin(), locale->end(), locale->begin(), [](unsigned char c) { return std::tolower(c); });
      return locale->find("utf-8") != std::string::npos || locale->find("utf8") != std::string::npos;
    }
  }
  return false;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    width += glyph.columns;
    text.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t columns, std::string_view mark) {
  if (display_width(text) <= columns) {
    return std::string(text);
  }
  const std::size_t mark_width = display_width(mark);
  const std::size_t room = columns > mark_width ? columns - mark_width : 0;
  std::size_t width = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Glyph glyph = first_glyph(text.substr(bytes));
    if (width + glyph.columns > room) {
      break;
    }
    width += glyph.columns;
    bytes += glyph.bytes;
  }
  return std::string(text.substr(0, bytes)) + std::string(mark);
}

std::string styled(std::string_view text, Style style, bool color) {
  return color && style != Style::plain ? fmt::format("\x1b[{}m{}\x1b[0m", code_of(style), text) : std::string(text);
}

} // namespace caplet
