#include "core/rotation.hpp"

#include <algorithm>

namespace caplet {

std::optional<Instant> grace_end_of(const Rotation& rotation, Instant now) {
  return rotation.grace == std::chrono::seconds::zero()
             ? std::nullopt
             : std::optional<Instant>(std::min<Instant>(std::chrono::floor<std::chrono::seconds>(now) + rotation.grace,
                                                        PreviousSecret::k_open_end));
}

void retire(Token& token, const Digest& digest) {
  token.retired.insert(token.retired.begin(), digest);
  if (token.retired.size() > Token::k_most_retired) {
    token.retired.pop_back();
  }
}

bool has_open_grace(const Token& token, Instant now) { return token.previous && now < token.previous->until; }

bool is_good(const Token& token, const Digest& digest, Instant now) {
  return token.digest == digest || (has_open_grace(token, now) && token.previous->digest == digest);
}

} // namespace caplet
