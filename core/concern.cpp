#include "core/concern.hpp"

namespace caplet {
namespace {

enum class Asked : std::uint8_t { ever, never };

std::vector<std::string> scopes_of(const Token& token, Asked asked) {
  std::vector<std::string> scopes;
  for (std::size_t i = 0; i < token.scopes.size(); ++i) {
    if (((token.scopes_used >> i & 1U) != 0) == (asked == Asked::ever)) {
      scopes.push_back(token.scopes[i]);
    }
  }
  return scopes;
}

} // namespace

std::vector<std::string> used_scopes(const Token& token) { return scopes_of(token, Asked::ever); }
std::vector<std::string> unused_scopes(const Token& token) { return scopes_of(token, Asked::never); }

std::vector<Concern> concerns_of(const Token& token, Instant now) {
  const TokenState state = state_of(token, now);
  if (state == TokenState::expired) {
    return {Concern::expired};
  }
  if (state != TokenState::active && state != TokenState::not_yet_valid) {
    return {};
  }
  std::vector<Concern> concerns;
  if (!end_of(token)) {
    concerns.push_back(Concern::endless);
  }
  if (is_unused_for(token, k_unused, now)) {
    concerns.push_back(Concern::unused);
  }
  const bool settled = token.created_at + k_settled <= now;
  if (settled && !unused_scopes(token).empty()) {
    concerns.push_back(Concern::scopes_unused);
  }
  if (settled && token.kind == TokenKind::pat && token.last_used_at && token.children == 0 &&
      !is_unused_for(token, k_unused, now)) {
    concerns.push_back(Concern::personal);
  }
  return concerns;
}

} // namespace caplet
