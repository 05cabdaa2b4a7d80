#pragma once

#include "core/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// Why a token is valid or not. The order is the order of the checks: the first that fails is the reason. A wrong
/// secret for a known id is `unknown`, like an id that never was: nobody learns which.
enum class Reason : std::uint8_t { ok, malformed, unknown, revoked, expired };

std::string_view to_string(Reason reason) noexcept;

/// The answer of verify.
struct Verdict {
  Reason reason = Reason::unknown;
  std::optional<Token> token; ///< set when the secret was right, whatever the reason
  std::string detail;         ///< for `malformed`: what is wrong with the string, in a clause
  std::string claimed_id;     ///< for `unknown`: the id in the string, which may be anybody's

  bool valid() const noexcept { return reason == Reason::ok; }
};

} // namespace caplet
