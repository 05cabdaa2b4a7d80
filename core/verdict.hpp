#pragma once

#include "core/network.hpp"
#include "core/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Why a token is valid or not. The order is the order of the checks: the first that fails is the reason. A wrong
/// secret for a known id is `unknown`, like an id that never was: nobody learns which. A secret that a rotation has
/// replaced is `revoked`: whoever shows it did once hold the token.
enum class Reason : std::uint8_t {
  ok,
  malformed,
  unknown,
  revoked,
  expired,
  not_yet_valid,
  exhausted, ///< all its uses are used up
  network,   ///< the caller's address is not in its networks, or not known
  audience,  ///< it was made for others
  scope,     ///< it may not do what is asked for
};

std::string_view to_string(Reason reason) noexcept;

/// What a token is presented for.
struct Presented {
  std::vector<std::string> scopes;     ///< all of these are needed; is_scope()
  std::optional<std::string> audience; ///< who asks; nothing: caplet itself (StoreInfo::issuer)
  std::optional<IpAddress> address;    ///< where it comes from; nothing: not known
  std::optional<Instant> at;           ///< nothing: now
};

/// Which of a token's secrets was shown.
enum class Generation : std::uint8_t { current, previous, retired };

/// The answer of verify.
struct Verdict {
  Reason reason = Reason::unknown;
  std::optional<Token> token; ///< set when the secret was right, whatever the reason
  std::string detail;         ///< for `malformed`: what is wrong with the string, in a clause
  std::string claimed_id;     ///< for `unknown`: the id in the string, which may be anybody's
  Generation generation = Generation::current;
  std::uint64_t scopes_asked = 0; ///< bit n: the token's n-th scope was needed

  bool valid() const noexcept { return reason == Reason::ok; }
};

/// One check of `verify --explain`.
struct Check {
  enum class Outcome : std::uint8_t { passed, failed, not_reached };

  Reason reason; ///< what a failure is called
  Outcome outcome = Outcome::not_reached;
  std::string found;  ///< in a clause
  std::string remedy; ///< of a failure: what would make it pass
};

std::string_view to_string(Check::Outcome outcome) noexcept;

} // namespace caplet
