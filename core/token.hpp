#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/network.hpp"
#include "core/token_string.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caplet {

/// How the token string is written: our own form (token_string.hpp), or a JSON Web Token (RFC 7519).
enum class TokenFormat : std::uint8_t { opaque = 0, jwt = 1 };

std::string_view to_string(TokenFormat format) noexcept;

/// The secret that a rotation replaced, while it is still good.
struct PreviousSecret {
  enum class Ends : std::uint8_t { in_time, at_first_use }; ///< of the new one
  /// `until` of one that only the first use of the new secret ends: the last day that RFC 3339 can write.
  static constexpr Instant k_open_end = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

  Digest digest{};
  Instant until;
  Ends ends = Ends::in_time;
  std::optional<Instant> expires_at; ///< of the token before the rotation: what an abort goes back to
  std::string signed_by;             ///< of a JWT
  bool replaced = false;             ///< the new one has been used: no way back
  std::string rotated_by = {};       ///< as in Token

  bool operator==(const PreviousSecret&) const = default;
};

/// A token as the store knows it: never the secret, only a keyed hash of the full token string.
struct Token {
  static constexpr std::size_t k_most_retired = 8;

  std::string id; ///< 12 base62 digits, looks_like_id()
  TokenKind kind = TokenKind::pat;
  std::string account;     ///< id of the account that owns it (the `sub` of a JWT)
  std::string name;        ///< check_name(); unique among the account's tokens that are not revoked
  std::string description; ///< check_description()
  std::string created_by;  ///< id of the token that minted it, or whose record it fell to; empty for the owner
  Digest digest{};         ///< Store::token_digest() of the token string
  Instant created_at;
  std::optional<Instant> expires_at; ///< nothing: never
  std::optional<Instant> last_used_at;
  std::optional<Instant> revoked_at;

  std::vector<std::string> scopes;    ///< of a `sat`; none for a `pat`, which may do everything
  std::optional<Instant> not_before;  ///< not valid before
  std::uint64_t uses_limit = 0;       ///< valid so many times; 0: any number
  std::uint64_t uses = 0;             ///< counted where there is a limit, with what it gave to those it minted
  std::uint64_t uses_taken = 0;       ///< of its uses, those that its maker gave it
  std::vector<Network> networks;      ///< valid from these addresses; none: from all
  std::vector<std::string> audiences; ///< valid for these; none: for all
  std::chrono::seconds idle_limit{0}; ///< expires when it was not used for so long; 0: never for that
  std::vector<std::pair<std::string, std::string>> meta; ///< what its owner notes of it
  TokenFormat format = TokenFormat::opaque;
  std::string signed_by;             ///< id of the key that signed it, of a JWT
  std::uint64_t children = 0;        ///< tokens that it has minted
  std::uint64_t scopes_used = 0;     ///< bit n: the n-th scope was asked for
  std::optional<Instant> rotated_at; ///< when it got the secret that it has now
  std::string rotated_by;            ///< id of another token that gave it that one; else empty
  std::uint64_t rotations = 0;       ///< how often it has given others a secret
  std::optional<PreviousSecret> previous;
  std::vector<Digest> retired; ///< of secrets that are no longer good, the newest first, at most k_most_retired

  bool operator==(const Token&) const = default;
};

enum class TokenState : std::uint8_t { active, revoked, expired, not_yet_valid, exhausted };

std::string_view to_string(TokenState state) noexcept;

/// The first that holds, in the order of the checks (verdict.hpp): revoked wins over expired, as the stronger
/// statement. A token is expired from the instant `expires_at` on.
TokenState state_of(const Token& token, Instant now) noexcept;

/// Whether it is good now, or will be: what takes a seat where the owner limits their number.
bool is_live(const Token& token, Instant now) noexcept;

/// When it expires if nobody uses it: the earlier of `expires_at` and the end of its idle time. Nothing: never.
std::optional<Instant> end_of(const Token& token) noexcept;

/// Since when nobody has used it: its last use or rotation, or else the moment from which it could be used.
Instant idle_since(const Token& token) noexcept;
bool is_unused_for(const Token& token, std::chrono::seconds time, Instant now) noexcept;

/// Whether it is not revoked, good still, and ends within so long.
bool expires_within(const Token& token, std::chrono::seconds time, Instant now) noexcept;

/// Who owns tokens. The first account is made with the store and named after the login name.
struct Account {
  std::string id; ///< 12 base62 digits
  std::string name;
  Instant created_at;

  bool operator==(const Account&) const = default;
};

} // namespace caplet
