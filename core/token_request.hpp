#pragma once

#include "core/clock.hpp"
#include "core/network.hpp"
#include "core/policy.hpp"
#include "core/token.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caplet {

/// When a token is to end: where nobody says, after the policy's default lifetime.
class Ending {
public:
  Ending() = default;
  /// At a moment; nothing: never.
  Ending(std::optional<Instant> end) : m_end(end), m_by_policy(false) {}  // NOLINT(google-explicit-constructor)
  Ending(Instant end) : Ending(std::optional(end)) {}                     // NOLINT(google-explicit-constructor)
  Ending(std::nullopt_t never) : Ending(std::optional<Instant>(never)) {} // NOLINT(google-explicit-constructor)

  bool by_policy() const noexcept { return m_by_policy; }
  const std::optional<Instant>& end() const noexcept { return m_end; }

private:
  std::optional<Instant> m_end;
  bool m_by_policy = true;
};

/// What a new token is to be.
struct TokenRequest {
  static constexpr auto k_shortest_idle_limit = std::chrono::minutes(2); ///< last uses are known to the minute
  static constexpr std::size_t k_most_audiences = 16;
  static constexpr std::size_t k_most_networks = 32;
  static constexpr std::size_t k_most_meta = 32;

  std::string name;             ///< check_name()
  std::string description = {}; ///< check_description()
  Ending ending = {};
  std::vector<std::string> scopes = {}; ///< makes a `sat`; none: a `pat`
  std::optional<Instant> not_before = {};
  std::uint64_t uses_limit = 0; ///< 0: any number
  std::vector<Network> networks = {};
  std::vector<std::string> audiences = {}; ///< 1 to 256 visible characters each, without blanks
  std::chrono::seconds idle_limit{0};
  std::vector<std::pair<std::string, std::string>> meta =
      {}; ///< keys: `[A-Za-z0-9_.-]{1,64}`; values like descriptions
  TokenFormat format = TokenFormat::opaque;
};

/// Throws Error{usage} with the first rule that is broken.
void check(const TokenRequest& request);

/// The expiry that the policy gives or allows a token that is made, or rotated, now. `most`: that of the token which
/// asks for it, whose work must not outlive it; nothing where there is none. Throws Error{denied}.
std::optional<Instant> allowed_end(const Ending& ending, const Policy& policy, const std::optional<Instant>& most,
                                   Instant now);

/// Whether a token is no wider than another, which therefore may have its secret: it ends no later, and nothing that
/// limits the other is missing in it.
bool is_within(const Token& token, const Token& other);

/// Makes what a token mints no wider than itself: what was not asked for is inherited, what is wider is refused. Of its
/// uses, where they are limited, it can give those that are left; whoever mints takes them off (Token::uses_taken).
/// Throws Error{denied}.
void narrow(Token& child, const Token& maker);

} // namespace caplet
