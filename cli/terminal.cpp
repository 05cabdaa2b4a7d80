#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <utf8proc.h>

#include <algorithm>
#include <cctype>

namespace caplet {
namespace {

/// Bytes and columns of the first character with all that is drawn in its place.
struct Glyph {
  std::size_t bytes;
  std::size_t columns;
};

constexpr std::int32_t k_joiner = 0x200D;
constexpr std::int32_t k_as_picture = 0xFE0F;
constexpr std::int32_t k_keycap = 0x20E3;

struct CodePoint {
  std::int32_t code; ///< -1: the byte is no UTF-8
  std::size_t bytes;
};

CodePoint first_code_point(std::string_view text) {
  utf8proc_int32_t code = -1;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
  return used > 0 ? CodePoint{code, static_cast<std::size_t>(used)} : CodePoint{-1, text.empty() ? 0U : 1U};
}

/// As wcwidth(3) of glibc, and xterm's by Markus Kuhn. utf8proc differs in two things: for it marks that take a place
/// of their own (category Mc: vowel signs of India and Burma) have none, and the parts of a Korean syllable have one
/// each.
std::size_t columns_of(std::int32_t code) {
  if (code < 0) {
    return 1;
  }
  if ((code >= 0x1160 && code <= 0x11FF) || (code >= 0xD7B0 && code <= 0xD7FF)) {
    return 0;
  }
  if (utf8proc_category(code) == UTF8PROC_CATEGORY_MC) {
    return code == 0x302E || code == 0x302F || code == 0x16FF0 || code == 0x16FF1 ? 2 : 1; // East Asian Wide
  }
  return static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code)));
}

bool is_picture(std::int32_t code) {
  return code >= 0 && utf8proc_get_property(code)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool is_flag_letter(std::int32_t code) { return code >= 0x1F1E6 && code <= 0x1F1FF; } // two of them are a flag
bool is_skin_tone(std::int32_t code) { return code >= 0x1F3FB && code <= 0x1F3FF; }

/// Emoji take two columns with the selector that makes a picture of a sign, and so does a whole sequence with joiners
/// and skin tones: as kitty, WezTerm, iTerm2, Ghostty and wcwidth of Python count. Terminals that draw each part by
/// itself (xterm, VTE) show such a line longer than it is counted.
Glyph first_glyph(std::string_view text) {
  const auto is_letter = [](char c) { return c >= ' ' && c <= '~'; };
  if (is_letter(text.front()) && (text.size() == 1 || is_letter(text[1]))) {
    return {1, 1}; // most texts are made of these
  }
  const CodePoint first = first_code_point(text);
  Glyph glyph{first.bytes, columns_of(first.code)};
  const bool in_picture = is_picture(first.code);
  const bool is_key = (first.code >= '0' && first.code <= '9') || first.code == '#' || first.code == '*';
  while (glyph.bytes < text.size()) {
    const std::string_view rest = text.substr(glyph.bytes);
    if (static_cast<unsigned char>(rest.front()) < 0x80) {
      break;
    }
    const CodePoint next = first_code_point(rest);
    const CodePoint behind = first_code_point(rest.substr(next.bytes));
    if (in_picture && next.code == k_joiner && is_picture(behind.code)) {
      glyph.bytes += next.bytes + behind.bytes;
      glyph.columns = 2;
    } else if ((in_picture && (next.code == k_as_picture || is_skin_tone(next.code))) ||
               (is_key && next.code == k_as_picture && behind.code == k_keycap)) {
      glyph.bytes += next.bytes;
      glyph.columns = 2;
    } else if (is_flag_letter(first.code) && is_flag_letter(next.code) && glyph.bytes == first.bytes) {
      glyph = {first.bytes + next.bytes, 2};
    } else if (next.code >= 0 && columns_of(next.code) == 0) {
      glyph.bytes += next.bytes;
    } else if (next.code >= 0 && utf8proc_category(next.code) == UTF8PROC_CATEGORY_MC) {
      glyph.bytes += next.bytes;
      glyph.columns += columns_of(next.code);
    } else {
      break;
    }
  }
  return glyph;
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
