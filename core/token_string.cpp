#include "core/token_string.hpp"

#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace caplet {
namespace {

constexpr std::size_t k_kind_length = 3;
static_assert(k_body_length == 1 + k_kind_length + 1 + k_id_length + 1 + k_secret_length + k_check_length);

// Objects, not functions: what is handed to an algorithm is inlined there.
constexpr auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
constexpr auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
constexpr auto is_digit = [](char c) { return c >= '0' && c <= '9'; };

std::optional<TokenKind> kind_of(std::string_view word) {
  for (const TokenKind kind : {TokenKind::pat, TokenKind::sat}) {
    if (word == to_string(kind)) {
      return kind;
    }
  }
  return std::nullopt;
}

Malformed malformed(Malformed::Why why, std::string detail) { return {why, std::move(detail)}; }

std::string characters(std::size_t count) { return fmt::format("{} character{}", count, count == 1 ? "" : "s"); }

/// Prefix and kind, from the text up to the second underscore; or why not.
struct Head {
  std::string_view prefix;
  std::string_view kind;
};

std::variant<Head, Malformed> parse_head(std::string_view text) {
  using enum Malformed::Why;
  const auto first = text.find('_');
  if (first == std::string_view::npos || !is_prefix(text.substr(0, first))) {
    return malformed(not_a_token, fmt::format("it does not start like one ({}_pat_...)", k_default_prefix));
  }
  const auto second = text.find('_', first + 1);
  if (second == std::string_view::npos || second - first - 1 != k_kind_length) {
    return malformed(not_a_token, fmt::format("no kind (pat or sat) follows its prefix \"{}\"", text.substr(0, first)));
  }
  return Head{text.substr(0, first), text.substr(first + 1, k_kind_length)};
}

constexpr std::string_view k_mistyped = "its checksum does not fit: it was mistyped or damaged on the way";

bool of_token_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '_' || base62::value(c) >= 0; });
}

/// Whether the text has a token's length and, in all but one place, its marks: then one of those was mistyped, and the
/// checksum cannot fit.
bool is_token_but_for_an_underscore(std::string_view text) {
  if (text.size() < 2 + k_body_length || text.size() > k_longest_prefix + k_body_length) {
    return false;
  }
  const std::size_t at = text.size() - k_body_length; // of the first underscore
  const std::array marks{at, at + 1 + k_kind_length, at + 1 + k_kind_length + 1 + k_id_length};
  const auto found = std::count_if(marks.begin(), marks.end(), [&](std::size_t mark) { return text[mark] == '_'; });
  return found >= 1 && base62::is_base62(text.substr(marks.back() + 1));
}

std::array<char, k_check_length> check_digits(std::string_view before) {
  std::array<char, k_check_length> digits{};
  base62::encode(crc32(before), digits);
  return digits;
}

template <typename Draw>
std::string id_from(const Draw& draw) {
  require_sodium();
  std::string id(k_id_length, '\0');
  do {
    draw(id);
  } while (!looks_like_id(id)); // 88 % pass
  return id;
}

template <typename Draw>
void write_token(std::span<char> out, std::string_view prefix, TokenKind kind, std::string_view id, const Draw& draw) {
  require_sodium();
  auto at = out.begin();
  for (const std::string_view part :
       {prefix, std::string_view("_"), to_string(kind), std::string_view("_"), id, std::string_view("_")}) {
    at = std::copy(part.begin(), part.end(), at);
  }
  draw(std::span<char>(at, k_secret_length));
  const auto check = check_digits({out.data(), out.size() - k_check_length});
  std::copy(check.begin(), check.end(), at + k_secret_length);
}

} // namespace

std::string_view to_string(TokenKind kind) noexcept { return kind == TokenKind::pat ? "pat" : "sat"; }

std::variant<TokenParts, Malformed> parse_token(std::string_view text) {
  using enum Malformed::Why;
  if (text.empty()) {
    return malformed(empty, "it is empty");
  }
  const auto head = parse_head(text);
  if (const auto* no = std::get_if<Malformed>(&head)) {
    return is_token_but_for_an_underscore(text) ? malformed(mistyped, std::string(k_mistyped)) : *no;
  }
  const auto [prefix, kind_word] = std::get<Head>(head);
  const std::size_t whole = token_length(prefix);
  if (text.size() < whole) {
    return malformed(wrong_length, fmt::format("it is {} short: a part was cut off", characters(whole - text.size())));
  }
  if (text.size() > whole) {
    return malformed(wrong_length, fmt::format("it is {} too long", characters(text.size() - whole)));
  }
  const std::size_t id_at = prefix.size() + 1 + k_kind_length + 1;
  const std::size_t secret_at = id_at + k_id_length + 1;
  const std::string_view id = text.substr(id_at, k_id_length);
  const std::string_view secret = text.substr(secret_at, k_secret_length);
  const std::string_view check = text.substr(secret_at + k_secret_length);
  if (!base62::is_base62(id) || text[secret_at - 1] != '_' || !base62::is_base62(text.substr(secret_at))) {
    return of_token_characters(text) ? malformed(mistyped, std::string(k_mistyped))
                                     : malformed(bad_character, "it has a character that no token has");
  }
  const auto expected = check_digits(text.substr(0, text.size() - k_check_length));
  if (!std::equal(check.begin(), check.end(), expected.begin())) {
    return malformed(mistyped, std::string(k_mistyped));
  }
  const auto kind = kind_of(kind_word);
  if (!kind || !looks_like_id(id)) {
    return malformed(unknown_kind,
                     fmt::format("its kind \"{}\" is not one of this caplet (pat, sat)", escape(kind_word)));
  }
  return TokenParts{prefix, *kind, id, secret};
}

std::string draw_id() {
  return id_from([](std::span<char> out) { base62::draw(out); });
}

std::string draw_id(base62::Digits& digits) {
  return id_from([&](std::span<char> out) { digits.draw(out); });
}

std::size_t token_length(std::string_view prefix) noexcept { return prefix.size() + k_body_length; }

void draw_token_into(std::span<char> out, std::string_view prefix, TokenKind kind, std::string_view id,
                     base62::Digits& digits) {
  write_token(out, prefix, kind, id, [&](std::span<char> secret) { digits.draw(secret); });
}

Secret draw_token(std::string_view prefix, TokenKind kind, std::string_view id) {
  Secret token(token_length(prefix));
  write_token({reinterpret_cast<char*>(token.data().data()), token.size()}, prefix, kind, id,
              [](std::span<char> secret) { base62::draw(secret); });
  return token;
}

bool looks_like_id(std::string_view text) noexcept {
  return text.size() == k_id_length && base62::is_base62(text) && std::any_of(text.begin(), text.end(), is_upper) &&
         std::any_of(text.begin(), text.end(), is_lower) && std::any_of(text.begin(), text.end(), is_digit);
}

bool is_prefix(std::string_view text) noexcept {
  return text.size() >= 2 && text.size() <= k_longest_prefix && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c); });
}

} // namespace caplet
