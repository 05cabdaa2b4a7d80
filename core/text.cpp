#include "core/text.hpp"

#include "core/error.hpp"
#include "core/redaction.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

namespace caplet {
namespace {

constexpr std::size_t k_longest_name = 64;
constexpr std::size_t k_longest_description = 256;

/// Takes the next code point off `text`; nothing where it does not start with one (then `text` is unchanged).
std::optional<std::int32_t> next_code_point(std::string_view& text) {
  utf8proc_int32_t code = -1;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (used <= 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(used));
  return code;
}

enum class Harm : std::uint8_t { none, control, line_break, bidi, invisible };

/// Characters that are drawn as nothing or as a blank, and are neither controls nor formats (Unicode's
/// Default_Ignorable_Code_Point outside category Cf, and the blank pattern of Braille).
bool is_unseen(std::int32_t code) {
  return code == 0x034F || code == 0x115F || code == 0x1160 || code == 0x17B4 || code == 0x17B5 || code == 0x2800 ||
         code == 0x3164 || code == 0xFFA0 || (code >= 0x180B && code <= 0x180F) || (code >= 0xE0000 && code <= 0xE0FFF);
}

/// Characters that shape their neighbours in emoji and several scripts, and alone are drawn as nothing.
bool is_joiner(std::int32_t code) { return code == 0x200C || code == 0x200D || (code >= 0xFE00 && code <= 0xFE0F); }

Harm harm_of(std::int32_t code) {
  if (is_joiner(code)) {
    return Harm::none;
  }
  if (is_unseen(code)) {
    return Harm::invisible;
  }
  switch (utf8proc_category(code)) {
  case UTF8PROC_CATEGORY_CC:
    return code == '\n' || code == '\r' ? Harm::line_break : Harm::control;
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
    return Harm::line_break;
  case UTF8PROC_CATEGORY_CF:
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
                   code == 0x200F || code == 0x061C
               ? Harm::bidi
               : Harm::invisible;
  case UTF8PROC_CATEGORY_CS:
    return Harm::control;
  default:
    return Harm::none;
  }
}

std::string_view harm_word(Harm harm) {
  switch (harm) {
  case Harm::line_break:
    return "a line break";
  case Harm::bidi:
    return "a text direction (bidi) character";
  case Harm::invisible:
    return "an invisible character";
  default:
    return "a control character";
  }
}

/// What can be drawn as a picture of its own (Unicode's Extended_Pictographic).
bool is_picture(std::int32_t code) {
  return utf8proc_get_property(code)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/// Whether a picture may end in it: one whose presentation or skin was chosen (UTS #51).
bool ends_picture(std::int32_t code) {
  return is_picture(code) || code == 0xFE0F || (code >= 0x1F3FB && code <= 0x1F3FF);
}

/// Letters and signs of scripts whose letters are joined, or kept apart, by joiners: from Arabic to Sinhala, from
/// Tibetan to Myanmar, from Khmer to Mongolian. Elsewhere a joiner changes nothing that is seen, and makes two names of
/// one.
bool joins_letters(std::int32_t code) {
  return (code >= 0x0600 && code <= 0x0DFF) || (code >= 0x0F00 && code <= 0x109F) || (code >= 0x1780 && code <= 0x18AF);
}

/// Whether a joiner shapes what it stands between. `after`: the text behind it.
bool shapes(std::int32_t joiner, std::int32_t before, std::string_view after) {
  const std::int32_t next = next_code_point(after).value_or(' ');
  if (joiner == 0x200C) {
    return joins_letters(before) && joins_letters(next);
  }
  if (joiner == 0x200D) {
    return (ends_picture(before) && is_picture(next)) || (joins_letters(before) && joins_letters(next));
  }
  const bool is_key = (before >= '0' && before <= '9') || before == '#' || before == '*'; // with U+20E3: a keycap
  return joiner >= 0xFE0E && (is_picture(before) || (is_key && next == 0x20E3));
}

/// What every alphabet of a terminal draws, and most texts are made of: no table has to be asked.
bool is_visible_ascii(char c) { return c >= ' ' && c <= '~'; }

Error too_long(std::string_view what, std::size_t longest) {
  return {Errc::usage, fmt::format("the {} is longer than {} characters", what, longest), "shorten it"};
}

void check_characters(std::string_view text, std::string_view what, std::size_t longest) {
  if (holds_token(text)) {
    throw Error(Errc::usage, fmt::format("the {} has a token in it", what), "everybody who lists tokens would see it");
  }
  std::size_t count = 0;
  std::int32_t before = ' ';
  while (!text.empty()) {
    if (is_visible_ascii(text.front())) {
      before = static_cast<unsigned char>(text.front());
      text.remove_prefix(1);
      if (++count > longest) {
        throw too_long(what, longest);
      }
      continue;
    }
    const auto code = next_code_point(text);
    if (!code) {
      throw Error(Errc::usage, fmt::format("the {} is not valid UTF-8", what), "write it in UTF-8");
    }
    Harm harm = harm_of(*code);
    if (is_joiner(*code) && !shapes(*code, before, text)) {
      harm = Harm::invisible;
    }
    if (*code != ' ' && utf8proc_category(*code) == UTF8PROC_CATEGORY_ZS) {
      harm = Harm::invisible; // another blank: it looks the same, and is another name
    }
    before = *code;
    if (harm != Harm::none) {
      throw Error(Errc::usage,
                  fmt::format("the {} has {} (U+{:04X}) at position {}", what, harm_word(harm), *code, count + 1),
                  "use visible characters on one line");
    }
    if (++count > longest) {
      throw too_long(what, longest);
    }
  }
}

} // namespace

void check_name(std::string_view name) {
  if (name.empty()) {
    throw Error(Errc::usage, "the name is empty", "give the token a name that says what it is for: -n ci");
  }
  check_characters(name, "name", k_longest_name);
  if (name.front() == '-') {
    throw Error(Errc::usage, fmt::format("the name \"{}\" starts with -", escape(name)), "it would read as an option");
  }
  if (name.front() == ' ' || name.back() == ' ') {
    throw Error(Errc::usage, fmt::format("the name \"{}\" starts or ends with a blank", escape(name)),
                "remove the blank");
  }
  if (looks_like_id(name)) {
    throw Error(Errc::usage, fmt::format("the name \"{}\" looks like an id", escape(name)),
                "twelve letters and digits, with an upper-case letter, a lower-case letter and a digit, are an id");
  }
}

void check_description(std::string_view description, std::string_view what) {
  check_characters(description, what, k_longest_description);
}

std::string name_key(std::string_view name) {
  if (std::all_of(name.begin(), name.end(), is_visible_ascii)) {
    return std::string(name); // is its own NFC (UAX #15)
  }
  utf8proc_uint8_t* composed = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()), static_cast<utf8proc_ssize_t>(name.size()),
                   &composed, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> guard(composed, &std::free);
  if (length < 0) {
    return std::string(name);
  }
  return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length)};
}

std::string escape(std::string_view text, std::size_t most_characters) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most_characters) {
      return out + "...";
    }
    const std::string_view before = text;
    const auto code = next_code_point(text);
    if (!code) {
      out += fmt::format("\\x{{{:02X}}}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else if (harm_of(*code) != Harm::none) {
      out += fmt::format("\\u{{{:X}}}", *code);
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

} // namespace caplet
