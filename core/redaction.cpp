#include "core/redaction.hpp"

#include "core/base62.hpp"
#include "core/token_string.hpp"

#include <algorithm>
#include <utility>

namespace caplet {
namespace {

constexpr std::string_view k_redacted = "***";
constexpr std::string_view k_jwt_start = "eyJ"; // base64url of `{"`
constexpr std::size_t k_kind_length = 3;
constexpr std::size_t k_head_length = 1 + k_kind_length + 1 + k_id_length + 1;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_base62(char c) { return base62::value(c) >= 0; }
bool is_base64url(char c) { return is_base62(c) || c == '-' || c == '_'; }

std::size_t end_of_run(std::string_view text, std::size_t at, bool (*belongs)(char)) {
  while (at < text.size() && belongs(text[at])) {
    ++at;
  }
  return at;
}

/// Whether an underscore, a kind (or what was mistyped for one), an id and their underscores stand at `at`.
bool has_head_shape(std::string_view text, std::size_t at) {
  return text.size() - at >= k_head_length && text[at] == '_' && text[at + 1 + k_kind_length] == '_' &&
         text[at + k_head_length - 1] == '_' && base62::is_base62(text.substr(at + 1, k_kind_length)) &&
         base62::is_base62(text.substr(at + 1 + k_kind_length + 1, k_id_length));
}

/// Where the prefix before the head at `at` begins.
std::size_t start_of_prefix(std::string_view text, std::size_t at) {
  while (at > 0 && (is_lower(text[at - 1]) || is_digit(text[at - 1]))) {
    --at;
  }
  return at;
}

/// Whether a head stands at `at`, a prefix before it, and a digit of a secret behind it.
bool is_head(std::string_view text, std::size_t at) {
  if (!has_head_shape(text, at) || text.size() - at == k_head_length || !is_base62(text[at + k_head_length])) {
    return false;
  }
  const std::string_view kind = text.substr(at + 1, k_kind_length);
  return (kind == to_string(TokenKind::pat) || kind == to_string(TokenKind::sat)) &&
         at - start_of_prefix(text, at) >= 2;
}

/// A run of digits as only something drawn at random has: the secret of a token whose other parts were mistyped. One
/// secret in two thousand has no 0 to 9, so a run of that length needs none.
bool looks_drawn(std::string_view run) {
  constexpr std::size_t k_shortest = 18;
  return run.size() >= k_shortest && std::any_of(run.begin(), run.end(), is_upper) &&
         std::any_of(run.begin(), run.end(), is_lower) &&
         (run.size() >= k_secret_length || std::any_of(run.begin(), run.end(), is_digit));
}

/// Where the JWT that begins at `at` ends, whole or cut within its signature; `at` itself where none begins.
std::size_t end_of_jwt(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with(k_jwt_start)) {
    return at;
  }
  std::size_t end = end_of_run(text, at, is_base64url);
  for (int part = 1; part < 3; ++part) {
    const std::size_t start = end + 1;
    if (end == text.size() || text[end] != '.' || (end = end_of_run(text, start, is_base64url)) == start) {
      return at;
    }
  }
  return end;
}

/// Whether one is a letter of the other case than the other, or one a letter and the other a figure.
bool differ_in_class(char a, char b) {
  return is_base62(a) && is_base62(b) &&
         (is_upper(a) != is_upper(b) || is_lower(a) != is_lower(b) || is_digit(a) != is_digit(b));
}

/// Where the part of a JWT that begins at `at` ends; half a signature is enough. It is a run of base64url in which a
/// character is often of another class than the one before: of drawn ones three in five are, of what people write
/// hardly one in three. `at` itself where none begins; the head of an opaque token, which stays, is none.
std::size_t end_of_jwt_part(std::string_view text, std::size_t at) {
  std::size_t end = at;
  std::size_t changes = 0;
  for (; end < text.size() && is_base64url(text[end]); ++end) {
    if (has_head_shape(text, end)) {
      end = std::max(at, start_of_prefix(text, end));
      break;
    }
    if (end > at && differ_in_class(text[end - 1], text[end])) {
      ++changes;
    }
  }
  return end - at >= k_secret_length && changes * 3 >= end - at ? end : at;
}

/// Where a SHA-256 that a message of ours names ends: 64 lower-case hex digits and no more, behind these words. `at`
/// itself where none begins. No part of a token is like that: of 64 drawn characters one in three is a capital letter.
std::size_t end_of_digest(std::string_view text, std::size_t at) {
  constexpr std::string_view k_words = "SHA-256 is ";
  constexpr std::size_t k_digits = 64;
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  const std::size_t end = at + k_digits;
  const bool is_digest = text.substr(0, at).ends_with(k_words) && end_of_run(text, at, is_hex) == end &&
                         end_of_run(text, at, is_base64url) == end;
  return is_digest ? end : at;
}

std::string redact_jwts(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t end = end_of_jwt(text, i); end > i) {
      out.append(k_jwt_start).append(k_redacted);
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string redact_all_else(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (is_head(text, i)) {
      out += text.substr(i, k_head_length);
      out += k_redacted;
      i = end_of_run(text, i + k_head_length, is_base62);
      continue;
    }
    if (const std::size_t end = end_of_digest(text, i); end > i) {
      out += text.substr(i, end - i);
      i = end;
      continue;
    }
    if (out.empty() || !is_base64url(out.back())) {
      if (const std::size_t end = end_of_jwt_part(text, i); end > i) {
        out += k_redacted;
        i = end;
        continue;
      }
    }
    if (const std::size_t end = end_of_run(text, i, is_base62); end > i) {
      const std::string_view run = text.substr(i, end - i);
      out += looks_drawn(run) ? k_redacted : run;
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

} // namespace

bool holds_token(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Nearly all characters begin neither: they are not looked at twice.
    if ((text[i] == '_' && is_head(text, i)) || (text[i] == k_jwt_start.front() && end_of_jwt(text, i) > i)) {
      return true;
    }
  }
  return false;
}

std::string redact_tokens(std::string_view text) {
  // What was redacted parts what stood beside it, which may look drawn by itself then: again, until nothing is left.
  std::string redacted(text);
  while (true) {
    std::string again = redact_all_else(redact_jwts(redacted));
    if (again == redacted) {
      return redacted;
    }
    redacted = std::move(again);
  }
}

} // namespace caplet
