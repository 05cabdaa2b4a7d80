#pragma once

#include "cli/output.hpp"
#include "core/environment.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// Whether to colour a stream: `--color` (always, never, auto) before NO_COLOR, CLICOLOR_FORCE, CLICOLOR=0, then a
/// terminal whose TERM is not dumb.
bool wants_color(const Output& stream, const std::optional<std::string>& choice, const Environment& environment);

/// Columns of the terminal behind a stream; nothing if it is none.
std::optional<std::size_t> terminal_width(const Output& stream);

/// Whether the locale (LC_ALL, LC_CTYPE, LANG) is a UTF-8 one.
bool is_utf8_locale(const Environment& environment);

/// Columns that a text takes on a terminal: wide characters and emoji two, a mark above or below its letter none, one
/// beside it (the vowel signs of India and Burma) one.
std::size_t display_width(std::string_view text);

/// The text cut to so many columns, with `mark` at its end where something was cut off.
std::string cut(std::string_view text, std::size_t columns, std::string_view mark);

enum class Style { plain, bold, dim, red, green, yellow, cyan };

/// The text in a style, where `color` says so.
std::string styled(std::string_view text, Style style, bool color);

} // namespace caplet
