#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/token_string.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// A token as the store knows it: never the secret, only a keyed hash of the full token string.
struct Token {
  std::string id; ///< 12 base62 digits, looks_like_id()
  TokenKind kind = TokenKind::pat;
  std::string account;     ///< id of the account that owns it (the `sub` of a JWT)
  std::string name;        ///< check_name(); unique among the account's tokens that are not revoked
  std::string description; ///< check_description()
  std::string created_by;  ///< id of the token that minted it; empty for the owner
  Digest digest{};         ///< Store::token_digest() of the token string
  Instant created_at;
  std::optional<Instant> expires_at; ///< nothing: never
  std::optional<Instant> last_used_at;
  std::optional<Instant> revoked_at;

  bool operator==(const Token&) const = default;
};

enum class TokenState : std::uint8_t { active, expired, revoked };

std::string_view to_string(TokenState state) noexcept;

/// Revoked wins over expired: it is the stronger statement. A token is expired from the instant `expires_at` on.
TokenState state_of(const Token& token, Instant now) noexcept;

/// Who owns tokens. The first account is made with the store and named after the login name.
struct Account {
  std::string id; ///< 12 base62 digits
  std::string name;
  Instant created_at;

  bool operator==(const Account&) const = default;
};

} // namespace caplet
