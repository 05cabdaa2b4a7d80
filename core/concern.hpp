#pragma once

#include "core/token.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace caplet {

/// What its owner should look at in a token that is otherwise as it should be.
enum class Concern : std::uint8_t {
  endless,       ///< never expires
  unused,        ///< nobody has used it for k_unused
  scopes_unused, ///< scopes of it were never asked for, in k_settled
  personal,      ///< may do everything, is used, and has made no token in k_settled: scopes might do
  expired,       ///< and still listed
};

inline constexpr auto k_unused = std::chrono::days(90);
inline constexpr auto k_settled = std::chrono::days(30); ///< what was not asked for in this time is hardly needed

/// The scopes of a token that were asked for, and those that never were: in a check of it, or by what it did itself.
std::vector<std::string> used_scopes(const Token& token);
std::vector<std::string> unused_scopes(const Token& token);

/// Of a token that is not revoked; none of one that is. In the order of the enum.
std::vector<Concern> concerns_of(const Token& token, Instant now);

} // namespace caplet
