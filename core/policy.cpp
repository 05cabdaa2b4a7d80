#include "core/policy.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace caplet {
namespace {

constexpr std::string_view k_any = "any";

std::chrono::seconds lifetime_from(std::string_view value) {
  const auto length = parse_duration(value);
  constexpr auto k_longest = std::chrono::hours(24) * 365'000; // an expiry has four digits for its year
  if (!length || *length > k_longest) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not a lifetime", escape(value, 40)), "for example: 12h, 90d, 4w");
  }
  return *length;
}

std::optional<std::uint64_t> number_from(std::string_view value) {
  if (value == k_any) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not a number of tokens", escape(value, 40)),
                "give a number, or any");
  }
  return number;
}

std::string number_text(const std::optional<std::uint64_t>& number) {
  return number ? fmt::format("{}", *number) : std::string(k_any);
}

constexpr std::array k_rules{
    PolicyRule{"default-lifetime", "of a token for which no expiry is asked",
               [](const Policy& policy) { return duration_text(policy.default_lifetime); },
               [](Policy& policy, std::string_view value) { policy.default_lifetime = lifetime_from(value); }},
    PolicyRule{"longest-lifetime", "that a token may be given; or any",
               [](const Policy& policy) {
                 return policy.longest_lifetime ? duration_text(*policy.longest_lifetime) : std::string(k_any);
               },
               [](Policy& policy, std::string_view value) {
                 policy.longest_lifetime =
                     value == k_any ? std::nullopt : std::optional<std::chrono::seconds>(lifetime_from(value));
               }},
    PolicyRule{
        "never", "whether tokens may be made that never expire: yes or no",
        [](const Policy& policy) { return std::string(policy.endless == Policy::Endless::allowed ? "yes" : "no"); },
        [](Policy& policy, std::string_view value) {
          if (value != "yes" && value != "no") {
            throw Error(Errc::usage, fmt::format(R"("never" takes yes or no, not "{}")", escape(value, 40)),
                        "for example: caplet store policy set never=no");
          }
          policy.endless = value == "yes" ? Policy::Endless::allowed : Policy::Endless::refused;
        }},
    PolicyRule{"most-pats", "live personal tokens of an account; or any",
               [](const Policy& policy) { return number_text(policy.most_pats); },
               [](Policy& policy, std::string_view value) { policy.most_pats = number_from(value); }},
    PolicyRule{"most-sats", "live scoped tokens of an account; or any",
               [](const Policy& policy) { return number_text(policy.most_sats); },
               [](Policy& policy, std::string_view value) { policy.most_sats = number_from(value); }},
};

} // namespace

std::chrono::seconds usual_lifetime(const Policy& policy) noexcept {
  return std::min(policy.default_lifetime, policy.longest_lifetime.value_or(policy.default_lifetime));
}

std::span<const PolicyRule> policy_rules() noexcept { return k_rules; }

const PolicyRule& policy_rule(std::string_view key) {
  const auto found =
      std::find_if(k_rules.begin(), k_rules.end(), [&](const PolicyRule& rule) { return rule.key == key; });
  if (found == k_rules.end()) {
    std::vector<std::string_view> keys;
    keys.reserve(k_rules.size());
    for (const PolicyRule& rule : k_rules) {
      keys.push_back(rule.key);
    }
    throw Error(Errc::usage, fmt::format("there is no rule \"{}\"", escape(key, 40)),
                fmt::format("one of: {}", fmt::join(keys, ", ")));
  }
  return *found;
}

} // namespace caplet
