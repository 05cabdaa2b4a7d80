#include "cli/token_choice.hpp"

#include "cli/suggest.hpp"
#include "cli/token_options.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caplet {
namespace {

constexpr std::array k_states{TokenState::active, TokenState::revoked, TokenState::expired, TokenState::not_yet_valid,
                              TokenState::exhausted};

constexpr std::array k_orders{std::pair{std::string_view("created"), TokenOrder::created},
                              std::pair{std::string_view("name"), TokenOrder::name},
                              std::pair{std::string_view("expires"), TokenOrder::expires},
                              std::pair{std::string_view("last-used"), TokenOrder::last_used}};

Error unknown(std::string_view option, std::string_view given, const std::vector<std::string_view>& known) {
  const std::string_view meant = closest(given, known);
  return {Errc::usage, fmt::format("{} has no \"{}\"", option, escape(given, 40)),
          meant.empty() ? fmt::format("one of: {}", fmt::join(known, ", ")) : fmt::format("did you mean {}?", meant)};
}

TokenState state_from(std::string_view text) {
  std::vector<std::string_view> known;
  for (const TokenState state : k_states) {
    if (text == to_string(state)) {
      return state;
    }
    known.push_back(to_string(state));
  }
  throw unknown("--state", text, known);
}

} // namespace

TokenChoice::TokenChoice(const Arguments& arguments) {
  for (const std::string& state : arguments.values("state")) {
    m_states.push_back(state_from(state));
  }
  if (const auto within = arguments.value("expiring-within")) {
    m_expiring_within = duration_from(*within, "--expiring-within");
  }
  if (const auto unused = arguments.value("unused-for")) {
    m_unused_for = duration_from(*unused, "--unused-for");
  }
}

bool TokenChoice::holds(const Token& token, Instant now, bool also_revoked) const {
  if (m_states.empty()) {
    if (token.revoked_at && !also_revoked) {
      return false;
    }
  } else if (std::find(m_states.begin(), m_states.end(), state_of(token, now)) == m_states.end()) {
    return false;
  }
  if (m_expiring_within && !expires_within(token, *m_expiring_within, now)) {
    return false;
  }
  return !m_unused_for || is_unused_for(token, *m_unused_for, now);
}

TokenOrder token_order_from(std::string_view text) {
  std::vector<std::string_view> known;
  for (const auto& [word, order] : k_orders) {
    if (text == word) {
      return order;
    }
    known.push_back(word);
  }
  throw unknown("--sort", text, known);
}

bool comes_before(const Token& a, const Token& b, TokenOrder order) {
  switch (order) {
  case TokenOrder::created:
    return a.created_at < b.created_at;
  case TokenOrder::name:
    return name_key(a.name) < name_key(b.name);
  case TokenOrder::expires:
    return end_of(a).value_or(Instant::max()) < end_of(b).value_or(Instant::max());
  case TokenOrder::last_used:
    return a.last_used_at.value_or(Instant::min()) < b.last_used_at.value_or(Instant::min());
  }
  return false;
}

} // namespace caplet
