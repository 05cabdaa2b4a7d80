#include "core/token_request.hpp"

#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace caplet {
namespace {

void check_audience(const std::string& audience) {
  check_description(audience, "audience");
  if (audience.empty() || audience.find(' ') != std::string::npos) {
    throw Error(Errc::usage, fmt::format("the audience \"{}\" is empty or has a blank in it", escape(audience, 80)),
                "name a service by a word or an address: -a https://orders.example");
  }
}

void check_meta(const std::string& key, const std::string& value) {
  const bool is_word = !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  if (!is_word) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not a key for --meta", escape(key, 80)),
                "up to 64 letters, digits, _ - and .: --meta team=ops");
  }
  check_description(value, "meta value");
}

void check_count(std::size_t count, std::size_t most, std::string_view what) {
  if (count > most) {
    throw Error(Errc::usage, fmt::format("a token has at most {} {}", most, what), "give fewer");
  }
}

Error wider(std::string_view what, std::string_view limit) {
  return {Errc::denied, fmt::format("a token cannot make one with {} than it has itself", what),
          limit.empty() ? "ask the owner of the store" : fmt::format("at most: {}", limit)};
}

} // namespace

void check(const TokenRequest& request) {
  check_name(request.name);
  check_description(request.description);
  checked_scopes(request.scopes);
  check_count(request.audiences.size(), TokenRequest::k_most_audiences, "audiences");
  check_count(request.networks.size(), TokenRequest::k_most_networks, "networks");
  check_count(request.meta.size(), TokenRequest::k_most_meta, "--meta values");
  std::for_each(request.audiences.begin(), request.audiences.end(), check_audience);
  std::set<std::string_view> keys;
  for (const auto& [key, value] : request.meta) {
    check_meta(key, value);
    if (!keys.insert(key).second) {
      throw Error(Errc::usage, fmt::format("--meta {} is given twice", key), "give each key once");
    }
  }
  const auto idle = request.idle_limit;
  if (idle != std::chrono::seconds::zero() && idle < TokenRequest::k_shortest_idle_limit) {
    throw Error(Errc::usage, "a token cannot expire unused after less than two minutes",
                "uses are noted to the minute: give 2m or more");
  }
  if (request.not_before && request.ending.end() && *request.ending.end() <= *request.not_before) {
    throw Error(Errc::usage, "the token would expire before it becomes valid",
                fmt::format("it is to be valid from {} on", format_rfc3339(*request.not_before)));
  }
}

std::optional<Instant> allowed_end(const Ending& ending, const Policy& policy, const std::optional<Instant>& most,
                                   Instant now) {
  now = std::chrono::floor<std::chrono::seconds>(now);
  const auto longest = policy.longest_lifetime ? std::optional<Instant>(now + *policy.longest_lifetime) : std::nullopt;
  if (ending.by_policy()) {
    Instant end = now + policy.default_lifetime;
    for (const auto& limit : {longest, most}) {
      end = limit ? std::min(end, *limit) : end;
    }
    return end;
  }
  const auto& end = ending.end();
  if (!end && (policy.endless == Policy::Endless::refused || longest)) {
    throw Error(Errc::denied, "the store's policy does not allow tokens that never expire",
                "give it an expiry: -e 90d; the rules: caplet store policy get");
  }
  if (longest && *end > *longest) {
    throw Error(
        Errc::denied,
        fmt::format("the store's policy lets no token live longer than {}", duration_text(*policy.longest_lifetime)),
        "give it less: -e; the rules: caplet store policy get");
  }
  if (most && (!end || *end > *most)) {
    throw wider("a later expiry", format_rfc3339(*most));
  }
  return end;
}

void narrow(Token& child, const Token& maker) {
  if (maker.kind == TokenKind::sat) {
    throw Error(Errc::denied, "a scoped token never makes tokens", "use a personal token, or be the owner");
  }
  if (!maker.networks.empty()) {
    if (child.networks.empty()) {
      child.networks = maker.networks;
    }
    for (const Network& network : child.networks) {
      if (std::none_of(maker.networks.begin(), maker.networks.end(),
                       [&](const Network& each) { return each.contains(network); })) {
        throw wider("wider networks", {});
      }
    }
  }
  if (maker.uses_limit > 0) {
    const std::uint64_t left = maker.uses_limit - std::min(maker.uses, maker.uses_limit);
    child.uses_limit = child.uses_limit == 0 ? left : child.uses_limit;
    if (child.uses_limit > left || left == 0) {
      throw wider("more uses", fmt::format("{}", left));
    }
  }
  if (!maker.audiences.empty()) {
    if (child.audiences.empty()) {
      child.audiences = maker.audiences;
    }
    for (const std::string& audience : child.audiences) {
      if (std::find(maker.audiences.begin(), maker.audiences.end(), audience) == maker.audiences.end()) {
        throw wider("other audiences", {});
      }
    }
  }
  if (maker.idle_limit > std::chrono::seconds::zero()) {
    if (child.idle_limit > maker.idle_limit) {
      throw wider("a longer idle time", duration_text(maker.idle_limit));
    }
    child.idle_limit = child.idle_limit == std::chrono::seconds::zero() ? maker.idle_limit : child.idle_limit;
  }
}

bool is_within(const Token& token, const Token& other) {
  if (other.expires_at && (!token.expires_at || *token.expires_at > *other.expires_at)) {
    return false;
  }
  try {
    Token narrowed = token;
    narrow(narrowed, other);
    return narrowed == token;
  } catch (const Error&) {
    return false;
  }
}

} // namespace caplet
