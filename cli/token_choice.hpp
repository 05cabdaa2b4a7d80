#pragma once

#include "cli/command.hpp"
#include "core/token.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace caplet {

/// Which tokens a command is about, by what --state, --expiring-within and --unused-for say. All that were given have
/// to hold.
class TokenChoice {
public:
  /// Throws Error{usage}.
  explicit TokenChoice(const Arguments& arguments);

  /// Whether anything was given.
  bool is_narrowed() const noexcept { return !m_states.empty() || m_expiring_within || m_unused_for; }
  /// Revoked ones are chosen only where --state says so, or `also_revoked`.
  bool holds(const Token& token, Instant now, bool also_revoked) const;

private:
  std::vector<TokenState> m_states; ///< none: all but revoked
  std::optional<std::chrono::seconds> m_expiring_within;
  std::optional<std::chrono::seconds> m_unused_for;
};

/// A key of --sort: `created`, `name`, `expires`, `last-used`.
enum class TokenOrder : std::uint8_t { created, name, expires, last_used };
/// Throws Error{usage}.
TokenOrder token_order_from(std::string_view text);
/// Whether `a` comes before `b`: the oldest first; names as they are looked up; what ends soonest first, and what never
/// ends last; what was never used first, then what was used longest ago.
bool comes_before(const Token& a, const Token& b, TokenOrder order);

} // namespace caplet
