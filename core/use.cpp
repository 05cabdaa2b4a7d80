#include "core/use.hpp"

#include "core/scope.hpp"

#include <algorithm>
#include <chrono>

namespace caplet {
namespace {

constexpr auto k_grain = std::chrono::minutes(1);

bool is_stale(const std::optional<Instant>& last, Instant now) {
  return !last || now - *last >= k_grain || now < *last;
}

} // namespace

std::uint64_t scopes_asked(const Token& token, std::span<const std::string> wanted) noexcept {
  std::uint64_t asked = 0;
  for (std::size_t i = 0; i < token.scopes.size() && !wanted.empty(); ++i) {
    if (std::any_of(wanted.begin(), wanted.end(),
                    [&](const std::string& each) { return covers(token.scopes[i], each); })) {
      asked |= std::uint64_t{1} << i;
    }
  }
  return asked;
}

bool settles_rotation(const Token& token, const Verdict& verdict) noexcept {
  return token.previous && !token.previous->replaced && verdict.generation == Generation::current;
}

bool is_worth_noting(const Token& token, const Verdict& verdict, Instant now) noexcept {
  return is_stale(token.last_used_at, now) || (token.scopes_used | verdict.scopes_asked) != token.scopes_used ||
         settles_rotation(token, verdict);
}

void note_use(Token& token, const Verdict& verdict, Instant now) {
  if (is_stale(token.last_used_at, now)) {
    token.last_used_at = std::chrono::floor<std::chrono::seconds>(now);
  }
  token.scopes_used |= verdict.scopes_asked;
  if (settles_rotation(token, verdict)) {
    token.previous->replaced = true;
    if (token.previous->ends == PreviousSecret::Ends::at_first_use) {
      token.previous->until = std::min(token.previous->until, now);
    }
  }
}

} // namespace caplet
