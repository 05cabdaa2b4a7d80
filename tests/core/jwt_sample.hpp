#pragma once

#include "core/jwt.hpp"

#include <numeric>
#include <string>

namespace caplet::test {

inline const std::string k_kid = "Key012345678";
inline const std::string k_issuer_text = "caplet:000102030405060708090a0b0c0d0e0f";

/// The key of the seed 0, 1, 2, ...: so that anybody can make the same tokens.
inline std::array<unsigned char, k_signing_seed_size> sample_seed() {
  std::array<unsigned char, k_signing_seed_size> seed{};
  std::iota(seed.begin(), seed.end(), static_cast<unsigned char>(0));
  return seed;
}

inline Claims sample_claims() {
  using std::chrono::seconds;
  using std::chrono::sys_seconds;
  Claims claims;
  claims.audience = {k_issuer_text};
  claims.issuer = k_issuer_text;
  claims.id = "Token0123456";
  claims.subject = "Account12345";
  claims.issued_at = sys_seconds(seconds(1700000000));
  claims.not_before = claims.issued_at;
  claims.expires_at = sys_seconds(seconds(1800000000));
  return claims;
}

inline std::string sample_jwt(const Claims& claims = sample_claims()) {
  return std::string(sign_jwt(claims, {k_kid, Secret(sample_seed())}).text());
}

/// Whether a text is read as a JWT and signed by the sample's key.
inline bool is_accepted(std::string_view text) {
  const auto parsed = parse_jwt(text);
  const auto* jwt = std::get_if<Jwt>(&parsed);
  return jwt != nullptr && jwt->kid == k_kid &&
         signature_fits(jwt->signed_text, jwt->signature, public_key_of(sample_seed()));
}

} // namespace caplet::test
