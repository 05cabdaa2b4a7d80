#pragma once

#include "core/policy.hpp"
#include "core/store.hpp"
#include "core/token.hpp"

#include <cstdint>
#include <string_view>

namespace caplet {

/// The live tokens of an account, which the policy may limit: each takes a seat of its kind.
class Seats {
public:
  /// Looks at all tokens, where there is a limit.
  Seats(Records& records, const Policy& policy, std::string_view account, Instant now);

  /// Takes one. Throws Error{denied} where there is none left.
  void take(TokenKind kind);

private:
  struct Seat {
    std::optional<std::uint64_t> most; ///< nothing: any number
    std::uint64_t taken = 0;
  };
  Seat& of(TokenKind kind) { return kind == TokenKind::pat ? m_pats : m_sats; }

  Seat m_pats, m_sats;
};

} // namespace caplet
