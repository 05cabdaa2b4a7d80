#pragma once

#include "cli/scan/found_tokens.hpp"
#include "cli/scan/place.hpp"
#include "core/authority.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// What the store says of a token that was found.
struct StoreAnswer {
  enum class State : std::uint8_t {
    unknown,
    live,
    revoked,
    expired,
    exhausted
  }; ///< unknown: not this store's, or another secret
  State state = State::unknown;
  std::string name;         ///< the token's; empty where unknown, or not for the actor to know
  bool was_revoked = false; ///< by this scan: it was live when it was found
  std::string failure;      ///< why it could not be revoked, the first time that it was to be

  /// Whether it opens nothing any more, or never did here: known to be dead.
  bool is_dead() const noexcept { return !was_revoked && state != State::unknown && state != State::live; }
};

std::string_view to_string(StoreAnswer::State state) noexcept;

enum class Revoking : std::uint8_t { no, yes };

/// Asks the store of tokens that were found. It stamps no use and records no denial: it is not their bearer who asks.
/// Threads: one, as for Authority.
class StoreQuestions {
public:
  /// `actor` is who asks, and who revokes. What it shows it holds, and so it learns the state, as `verify` tells every
  /// holder; the name only where it may read tokens.
  StoreQuestions(Authority& authority, Actor actor, Revoking revoking)
      : m_authority(authority), m_actor(std::move(actor)), m_revoking(revoking),
        m_tells_names(m_authority.may(m_actor, "token:read")) {}

  /// With Revoking::yes, a live token is revoked, with the place as the reason; where that fails, it is live still, and
  /// the answer says why. Throws like Authority::verify().
  StoreAnswer ask(const Place& place, const FoundToken& finding, std::string_view token);

  std::uint64_t revoked() const noexcept { return m_revoked.size(); }

private:
  void revoke(const Place& place, const FoundToken& finding, StoreAnswer& answer);

  Authority& m_authority;
  Actor m_actor;
  Revoking m_revoking;
  bool m_tells_names;
  std::set<std::string, std::less<>> m_revoked; ///< ids, by this scan
  std::set<std::string, std::less<>> m_failed;  ///< ids that could not be: not tried again
};

} // namespace caplet
