#include "core/token.hpp"

#include <algorithm>

namespace caplet {

std::string_view to_string(TokenFormat format) noexcept { return format == TokenFormat::jwt ? "jwt" : "opaque"; }

std::string_view to_string(TokenState state) noexcept {
  switch (state) {
  case TokenState::active:
    return "active";
  case TokenState::revoked:
    return "revoked";
  case TokenState::expired:
    return "expired";
  case TokenState::not_yet_valid:
    return "not_yet_valid";
  case TokenState::exhausted:
    return "exhausted";
  }
  return "unknown";
}

TokenState state_of(const Token& token, Instant now) noexcept {
  if (token.revoked_at) {
    return TokenState::revoked;
  }
  if (const auto end = end_of(token); end && *end <= now) {
    return TokenState::expired;
  }
  if (token.not_before && now < *token.not_before) {
    return TokenState::not_yet_valid;
  }
  if (token.uses_limit > 0 && token.uses >= token.uses_limit) {
    return TokenState::exhausted;
  }
  return TokenState::active;
}

bool is_live(const Token& token, Instant now) noexcept {
  const TokenState state = state_of(token, now);
  return state == TokenState::active || state == TokenState::not_yet_valid;
}

std::optional<Instant> end_of(const Token& token) noexcept {
  if (token.idle_limit == std::chrono::seconds::zero()) {
    return token.expires_at;
  }
  const Instant idle_end = idle_since(token) + token.idle_limit;
  return token.expires_at ? std::min(*token.expires_at, idle_end) : idle_end;
}

Instant idle_since(const Token& token) noexcept {
  const Instant usable_from = std::max(token.created_at, token.not_before.value_or(token.created_at));
  return std::max({usable_from, token.last_used_at.value_or(usable_from), token.rotated_at.value_or(usable_from)});
}

bool is_unused_for(const Token& token, std::chrono::seconds time, Instant now) noexcept {
  return idle_since(token) + time <= now;
}

bool expires_within(const Token& token, std::chrono::seconds time, Instant now) noexcept {
  const auto end = end_of(token);
  return !token.revoked_at && end && *end > now && *end <= now + time;
}

} // namespace caplet
