#pragma once

#include "core/base62.hpp"
#include "core/secret.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace caplet {

/// `pat`: personal, all that its account may do, can mint. `sat`: scoped, never mints.
enum class TokenKind : std::uint8_t { pat = 1, sat = 2 };

std::string_view to_string(TokenKind kind) noexcept;

/// The opaque format, `<prefix>_<kind>_<id>_<secret><check>`, ASCII `[0-9A-Za-z_]` only so that a double click selects
/// it:
///   prefix  2 to 10 lower-case letters and digits, a letter first; `cpl` unless the store was made with another
///   kind    `pat` or `sat`
///   id      12 base62 digits, among them an upper-case letter, a lower-case letter and a digit
///   secret  43 base62 digits (256 bits)
///   check   CRC-32 of every byte before it, 6 base62 digits with leading zeros
inline constexpr std::size_t k_id_length = 12;
inline constexpr std::size_t k_secret_length = 43;
inline constexpr std::size_t k_check_length = 6;
inline constexpr std::size_t k_longest_prefix = 10;
inline constexpr std::string_view k_default_prefix = "cpl";

/// The parts of a token string that was found well formed; views into it.
struct TokenParts {
  std::string_view prefix;
  TokenKind kind;
  std::string_view id;
  std::string_view secret;
};

/// All of a token behind its prefix: `_pat_`, id, `_`, secret and check.
inline constexpr std::size_t k_body_length = 1 + 3 + 1 + k_id_length + 1 + k_secret_length + k_check_length;
inline constexpr std::size_t k_longest_token = k_longest_prefix + k_body_length;

/// Why a text is not a token. `mistyped` is the checksum's answer: all else fits.
struct Malformed {
  enum class Why : std::uint8_t { empty, not_a_token, unknown_kind, wrong_length, bad_character, mistyped };
  Why why;
  /// One clause without a secret in it: "it is 12 characters short: a part was cut off".
  std::string detail;
};

/// Reads a token string. Offline; never throws for bad text. What it says of a mistake holds no part of the secret.
std::variant<TokenParts, Malformed> parse_token(std::string_view text);

/// A fresh id: 12 random base62 digits (more than 2^70 of them). Throws Error{failed} without random bytes.
std::string draw_id();
/// The same for many.
std::string draw_id(base62::Digits& digits);

/// A new token string around `id`, with a freshly drawn secret. REQUIRES: is_prefix(prefix), looks_like_id(id).
Secret draw_token(std::string_view prefix, TokenKind kind, std::string_view id);

/// The same into memory of the caller's, who wipes it: for many at once, where locked pages for each would cost more
/// than all else. REQUIRES: out.size() == token_length(prefix).
void draw_token_into(std::span<char> out, std::string_view prefix, TokenKind kind, std::string_view id,
                     base62::Digits& digits);
std::size_t token_length(std::string_view prefix) noexcept;

/// Twelve base62 digits with an upper-case letter, a lower-case letter and a digit among them: every id, and hardly a
/// name that a person would choose.
bool looks_like_id(std::string_view text) noexcept;

/// Whether a store may use this prefix.
bool is_prefix(std::string_view text) noexcept;

} // namespace caplet
