#include "cli/token_options.hpp"

#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace caplet {

TokenFormat token_format_from(std::string_view text, std::string_view option) {
  for (const TokenFormat each : {TokenFormat::opaque, TokenFormat::jwt}) {
    if (text == to_string(each)) {
      return each;
    }
  }
  throw Error(Errc::usage, fmt::format("{} takes opaque or jwt, not \"{}\"", option, escape(text, 40)),
              "the default is opaque");
}

std::string scope_of_function(const std::string& function) {
  std::string scope = "run:" + function;
  if (!is_scope(scope) || function == "*") {
    throw Error(Errc::usage, fmt::format("\"{}\" is not the name of a function", escape(function, 80)),
                "letters, digits, _ - and .: deploy");
  }
  return scope;
}

std::pair<std::string, std::string> key_and_value(const std::string& text, std::string_view option) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(Errc::usage, fmt::format("{} takes KEY=VALUE, not \"{}\"", option, escape(text, 40)),
                fmt::format("for example: {} team=ops", option));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::chrono::seconds duration_from(std::string_view text, std::string_view option) {
  const auto length = parse_duration(text);
  if (!length) {
    throw Error(Errc::usage, fmt::format("{} takes a length of time, not \"{}\"", option, escape(text, 40)),
                "for example: 15m, 12h, 30d");
  }
  return *length;
}

std::uint64_t count_from(std::string_view text, std::string_view option) {
  constexpr std::uint64_t k_most = std::uint64_t{1} << 53U; // more is not exact in every reader of JSON
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0 || count > k_most) {
    throw Error(Errc::usage, fmt::format("{} takes a number from 1 on, not \"{}\"", option, escape(text, 40)),
                fmt::format("for example: {} 10", option));
  }
  return count;
}

Instant start_from(std::string_view text, Instant now) {
  const auto start = parse_expiry(text, now, "start");
  if (!start) {
    throw Error(Errc::usage, "a token cannot be not valid before never", "give a time or a length of time: 2h");
  }
  return *start;
}

std::optional<Ending> ending_from(const Arguments& arguments, Instant now) {
  const auto text = arguments.value("expires");
  return text ? std::optional<Ending>(parse_expiry(*text, now)) : std::nullopt;
}

TokenRequest request_from(const Arguments& arguments, Instant now) {
  TokenRequest request;
  const auto name = arguments.value("name");
  if (!name) {
    throw Error(Errc::usage, "the token needs a name", "say what it is for: caplet token create -n ci");
  }
  request.name = *name;
  request.description = arguments.value("description").value_or("");
  request.ending = ending_from(arguments, now).value_or(Ending());
  request.scopes = arguments.values("scope");
  for (const std::string& function : arguments.values("function")) {
    request.scopes.push_back(scope_of_function(function));
  }
  if (const auto start = arguments.value("not-before")) {
    request.not_before = start_from(*start, now);
  }
  if (const auto uses = arguments.value("uses")) {
    request.uses_limit = count_from(*uses, "--uses");
  }
  for (const std::string& network : arguments.values("cidr")) {
    request.networks.push_back(parse_network(network));
  }
  request.audiences = arguments.values("audience");
  if (const auto idle = arguments.value("expires-unused")) {
    request.idle_limit = duration_from(*idle, "--expires-unused");
  }
  for (const std::string& pair : arguments.values("meta")) {
    request.meta.push_back(key_and_value(pair, "--meta"));
  }
  request.format = token_format_from(arguments.value("format").value_or("opaque"), "--format");
  check(request);
  return request;
}

std::string limits_unseen_offline(const Token& token) {
  std::vector<std::string_view> limits;
  if (token.format == TokenFormat::jwt && !token.networks.empty()) {
    limits.emplace_back("--cidr");
  }
  if (token.format == TokenFormat::jwt && token.uses_limit > 0) {
    limits.emplace_back("--uses");
  }
  if (token.format == TokenFormat::jwt && token.idle_limit > std::chrono::seconds::zero()) {
    limits.emplace_back("--expires-unused");
  }
  return fmt::format("{}", fmt::join(limits, ", "));
}

Presented presented_from(const Arguments& arguments) {
  Presented presented;
  presented.scopes = checked_scopes(arguments.values("scope"));
  presented.audience = arguments.value("audience");
  if (const auto ip = arguments.value("ip")) {
    presented.address = parse_address(*ip);
    if (!presented.address) {
      throw Error(Errc::usage, fmt::format("--ip \"{}\" is not an address", escape(*ip, 80)),
                  "give an IPv4 or IPv6 address: --ip 192.0.2.1");
    }
  }
  if (const auto at = arguments.value("at")) {
    presented.at = parse_time(*at);
    if (!presented.at) {
      throw Error(Errc::usage, fmt::format("--at \"{}\" is not a time", escape(*at, 40)),
                  "write 2027-01-31 or 2027-01-31T09:00:00Z");
    }
  }
  return presented;
}

} // namespace caplet
