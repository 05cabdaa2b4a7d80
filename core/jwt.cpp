#include "core/jwt.hpp"

#include "core/json_fields.hpp"
#include "core/redaction.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace caplet {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view k_algorithm = "EdDSA";
constexpr std::string_view k_type = "JWT";
constexpr std::string_view k_issuer = "caplet:";
constexpr std::size_t k_store_id_digits = 32;
constexpr std::uint64_t k_last_second = 253402300799; // of the year 9999
constexpr std::size_t k_longest_text = 1024;          // 256 characters
constexpr std::size_t k_most_texts = 64;

void require(bool holds, const char* else_what) {
  if (!holds) {
    throw BadJson(else_what);
  }
}

bool is_issuer(std::string_view text) {
  std::array<unsigned char, k_store_id_digits / 2> id{};
  return text.starts_with(k_issuer) && from_hex(text.substr(k_issuer.size()), id);
}

std::vector<std::string> split_scopes(std::string_view text) {
  std::vector<std::string> scopes;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    scopes.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  require(scopes.size() <= k_most_scopes && std::all_of(scopes.begin(), scopes.end(), is_scope),
          "\"scope\" is not a list of scopes with one blank between them");
  return scopes;
}

sys_seconds take_time(JsonFields& fields, std::string_view key) {
  const std::uint64_t number = fields.number(key);
  if (number > k_last_second) {
    throw BadJson(fmt::format("\"{}\" is behind the end of the year 9999", key));
  }
  return sys_seconds(seconds(number));
}

std::string read_header(const std::string& text) {
  JsonFields fields(text);
  require(fields.text("alg") == k_algorithm, "its algorithm is not EdDSA");
  require(fields.text("typ") == k_type, "its type is not JWT");
  std::string kid = fields.text("kid");
  require(looks_like_id(kid), "its key id is none of caplet");
  fields.done();
  return kid;
}

Claims read_claims(const std::string& text) {
  JsonFields fields(text);
  Claims claims;
  claims.audience = fields.list("aud");
  require(!claims.audience.empty() && claims.audience.size() <= k_most_texts, "\"aud\" is not a list of 1 to 64 texts");
  require(std::all_of(claims.audience.begin(), claims.audience.end(),
                      [](const std::string& each) { return !each.empty() && each.size() <= k_longest_text; }),
          "\"aud\" has a text that is empty or too long");
  claims.issued_at = take_time(fields, "iat");
  claims.issuer = fields.text("iss");
  require(is_issuer(claims.issuer), "its issuer is not a store of caplet");
  claims.id = fields.text("jti");
  require(looks_like_id(claims.id), "its id is not one of caplet");
  claims.not_before = take_time(fields, "nbf");
  claims.subject = fields.text("sub");
  require(looks_like_id(claims.subject), "its subject is not an account of caplet");
  if (fields.has("exp")) {
    claims.expires_at = take_time(fields, "exp");
  }
  if (fields.has("scope")) {
    claims.scopes = split_scopes(fields.text("scope"));
  }
  fields.done();
  return claims;
}

} // namespace

bool looks_like_jwt(std::string_view text) noexcept { return text.starts_with("eyJ"); }

std::variant<Jwt, BadJwt> parse_jwt(std::string_view text) {
  auto parsed = parse_jws(text);
  if (auto* bad = std::get_if<BadJwt>(&parsed)) {
    return std::move(*bad);
  }
  const auto& jws = std::get<Jws>(parsed);
  Jwt jwt;
  jwt.signed_text = jws.signed_text;
  jwt.signature = jws.signature;
  BadJwt::Why part = BadJwt::Why::header;
  try {
    jwt.kid = read_header(jws.header);
    part = BadJwt::Why::claims;
    jwt.claims = read_claims(jws.payload);
  } catch (const BadJson& bad) {
    return BadJwt{part, redact_tokens(fmt::format(
                            "{}: {}", part == BadJwt::Why::header ? "in its header" : "in its claims", bad.what()))};
  }
  return jwt;
}

std::string to_json(const Claims& claims) {
  nlohmann::ordered_json payload{
      {"aud", claims.audience}, {"iat", claims.issued_at.time_since_epoch().count()},  {"iss", claims.issuer},
      {"jti", claims.id},       {"nbf", claims.not_before.time_since_epoch().count()}, {"sub", claims.subject}};
  if (claims.expires_at) {
    payload["exp"] = claims.expires_at->time_since_epoch().count();
  }
  if (!claims.scopes.empty()) {
    payload["scope"] = fmt::format("{}", fmt::join(claims.scopes, " "));
  }
  return payload.dump();
}

Secret sign_jwt(const Claims& claims, const Signer& signer) {
  const nlohmann::ordered_json header{{"alg", k_algorithm}, {"typ", k_type}, {"kid", signer.kid}};
  return sign_jws(header.dump(), to_json(claims), signer.seed.view());
}

Claims claims_of(const Token& token, std::string_view issuer, Instant issued_at) {
  Claims claims;
  claims.audience = token.audiences;
  claims.issuer = issuer;
  claims.id = token.id;
  claims.subject = token.account;
  // Whole seconds, and never valid when the token is not.
  claims.issued_at = std::chrono::floor<seconds>(issued_at);
  claims.not_before = std::chrono::ceil<seconds>(token.not_before.value_or(token.created_at));
  if (token.expires_at) {
    claims.expires_at = std::chrono::floor<seconds>(*token.expires_at);
  }
  claims.scopes = token.scopes;
  return claims;
}

std::optional<std::string> find_fault(std::string_view token) {
  if (looks_like_jwt(token)) {
    auto parsed = parse_jwt(token);
    auto* bad = std::get_if<BadJwt>(&parsed);
    return bad != nullptr ? std::optional(std::move(bad->detail)) : std::nullopt;
  }
  auto parsed = parse_token(token);
  auto* bad = std::get_if<Malformed>(&parsed);
  return bad != nullptr ? std::optional(std::move(bad->detail)) : std::nullopt;
}

std::string issuer_of(ByteView store_id) { return std::string(k_issuer) + to_hex(store_id); }

} // namespace caplet
