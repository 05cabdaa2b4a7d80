#include "core/token.hpp"

namespace caplet {

std::string_view to_string(TokenState state) noexcept {
  switch (state) {
  case TokenState::active:
    return "active";
  case TokenState::expired:
    return "expired";
  case TokenState::revoked:
    return "revoked";
  }
  return "unknown";
}

TokenState state_of(const Token& token, Instant now) noexcept {
  if (token.revoked_at) {
    return TokenState::revoked;
  }
  if (token.expires_at && *token.expires_at <= now) {
    return TokenState::expired;
  }
  return TokenState::active;
}

} // namespace caplet
