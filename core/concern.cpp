#include "core/concern.hpp"

namespace caplet {
namespace {

bool has_unused_scopes(const Token& token) {
  std::uint64_t unused = 0;
  for (std::size_t i = 0; i < token.scopes.size(); ++i) {
    unused += (token.scopes_used >> i & 1U) == 0 ? 1 : 0;
  }
  return unused > 0 && unused < token.scopes.size(); // where none was asked for, nobody asks for scopes
}

} // namespace

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
  if (settled && has_unused_scopes(token)) {
    concerns.push_back(Concern::scopes_unused);
  }
  if (settled && token.kind == TokenKind::pat && token.last_used_at && token.children == 0 &&
      !is_unused_for(token, k_unused, now)) {
    concerns.push_back(Concern::personal);
  }
  return concerns;
}

} // namespace caplet
