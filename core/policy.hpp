#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caplet {

/// What the tokens of a store may be: the owner's rules, for whoever mints, the owner included.
struct Policy {
  enum class Endless : std::uint8_t { allowed, refused };

  std::chrono::seconds default_lifetime = std::chrono::days(90); ///< of a token for which no expiry is asked
  std::optional<std::chrono::seconds> longest_lifetime;          ///< nothing: any
  Endless endless = Endless::allowed;                            ///< tokens that never expire
  std::optional<std::uint64_t> most_pats;                        ///< live ones of an account; nothing: any number
  std::optional<std::uint64_t> most_sats;

  bool operator==(const Policy&) const = default;
};

/// The lifetime to propose to somebody who has to name one: the policy allows it.
std::chrono::seconds usual_lifetime(const Policy& policy) noexcept;

/// One rule as text: what `caplet store policy` reads and prints.
struct PolicyRule {
  std::string_view key;  ///< `default-lifetime`
  std::string_view help; ///< one clause
  std::string (*get)(const Policy& policy);
  /// Throws Error{usage}.
  void (*set)(Policy& policy, std::string_view value);
};

/// All rules in their order.
std::span<const PolicyRule> policy_rules() noexcept;
/// Throws Error{usage} with the nearest key's name.
const PolicyRule& policy_rule(std::string_view key);

} // namespace caplet
