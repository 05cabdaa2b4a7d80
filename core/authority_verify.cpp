// Whether a token is valid. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

/// The checks behind the secret, in their order.
constexpr std::array k_checks{Reason::revoked, Reason::expired,  Reason::not_yet_valid, Reason::exhausted,
                              Reason::network, Reason::audience, Reason::scope};

/// Which of a token's secrets the digest is of. Where it is not the current one, the same work is done whatever there
/// is, also for no token at all: a wrong secret takes as long for an id as for none.
std::optional<Generation> generation_of(const std::optional<Token>& token, const Digest& digest, Instant now) {
  constexpr Digest k_dummy{};
  if (same_bytes(digest, token ? token->digest : k_dummy) && token) {
    return Generation::current;
  }
  const auto& previous = token ? token->previous : std::nullopt;
  bool is_previous = same_bytes(digest, previous ? previous->digest : k_dummy) && previous;
  bool is_retired = false;
  for (std::size_t i = 0; i < Token::k_most_retired; ++i) {
    const bool there = token && i < token->retired.size();
    is_retired |= same_bytes(digest, there ? token->retired[i] : k_dummy) && there;
  }
  if (is_previous && now < previous->until) {
    return Generation::previous;
  }
  return is_previous || is_retired ? std::optional(Generation::retired) : std::nullopt;
}

} // namespace

bool Authority::fails(Reason reason, const Token& token, Generation generation, const Presented& presented,
                      Instant now) const {
  switch (reason) {
  case Reason::revoked:
    return token.revoked_at || generation == Generation::retired;
  case Reason::expired: {
    const auto end = end_of(token);
    return end && *end <= now;
  }
  case Reason::not_yet_valid:
    return token.not_before && now < *token.not_before;
  case Reason::exhausted:
    return token.uses_limit > 0 && token.uses >= token.uses_limit;
  case Reason::network:
    return !token.networks.empty() &&
           (!presented.address || std::none_of(token.networks.begin(), token.networks.end(),
                                               [&](const Network& each) { return each.contains(*presented.address); }));
  case Reason::audience: {
    const std::string_view asks = presented.audience ? *presented.audience : std::string_view(m_store.info().issuer);
    return !token.audiences.empty() &&
           std::find(token.audiences.begin(), token.audiences.end(), asks) == token.audiences.end();
  }
  case Reason::scope:
    return token.kind == TokenKind::sat &&
           !std::all_of(presented.scopes.begin(), presented.scopes.end(),
                        [&](const std::string& wanted) { return covers(token.scopes, wanted); });
  case Reason::ok:
  case Reason::malformed:
  case Reason::unknown:
    break;
  }
  return false;
}

Verdict Authority::verify(std::string_view text, const Presented& presented) {
  auto claimed = claimed_id(text);
  if (auto* no = std::get_if<Verdict>(&claimed)) {
    return std::move(*no);
  }
  return judge(std::get<std::string>(claimed), text, presented);
}

Verdict Authority::judge(std::string_view id, std::string_view text, const Presented& presented) {
  const Digest digest = m_store.token_digest(text);
  Verdict verdict{Reason::unknown, m_store.token_shown(id, digest)};
  const Instant now = presented.at.value_or(this->now()); // after the reading, which may have seen a later moment
  const auto generation = generation_of(verdict.token, digest, now);
  if (!generation) {
    verdict.token.reset();
    verdict.claimed_id = id;
    return verdict;
  }
  verdict.generation = *generation;
  const auto failed = std::find_if(k_checks.begin(), k_checks.end(), [&](Reason reason) {
    return fails(reason, *verdict.token, *generation, presented, now);
  });
  verdict.reason = failed == k_checks.end() ? Reason::ok : *failed;
  verdict.scopes_asked = verdict.valid() ? scopes_asked(*verdict.token, presented.scopes) : 0;
  return verdict;
}

Verdict Authority::admit(std::string_view text, const Presented& presented) {
  Verdict verdict = verify(text, presented);
  if (!verdict.valid()) {
    return verdict;
  }
  if (verdict.token->uses_limit == 0) {
    note_use(verdict);
    return verdict;
  }
  const auto change = m_store.begin();
  verdict = verify(text, presented); // others may have used it up meanwhile
  if (verdict.valid()) {
    Token& token = *verdict.token;
    token.uses += 1;
    caplet::note_use(token, verdict, m_clock.now());
    change->update(token);
    change->commit();
  }
  return verdict;
}

std::vector<Check> Authority::explain(const Verdict& verdict, const Presented& presented) {
  const Instant now = presented.at.value_or(this->now());
  std::vector<Check> checks{described(Reason::malformed, verdict, presented, now),
                            described(Reason::unknown, verdict, presented, now)};
  for (const Reason reason : k_checks) {
    checks.push_back(described(reason, verdict, presented, now));
  }
  return checks;
}

} // namespace caplet
