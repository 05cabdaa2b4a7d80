#pragma once

#include "core/clock.hpp"
#include "core/jws.hpp"

#include <optional>
#include <span>
#include <string>

namespace caplet {

/// A key that signs JWTs, as others may know it.
struct SigningKey {
  std::string kid; ///< 12 base62 digits, looks_like_id()
  PublicKey public_key{};
  Instant created_at;
  std::optional<Instant> retired_at; ///< set: it signs no more, what it has signed is good until it ends

  std::string replaced; ///< kid of the key before; empty for the first

  bool operator==(const SigningKey&) const = default;
};

/// What it takes to sign.
struct Signer {
  std::string kid;
  Secret seed; ///< k_signing_seed_size bytes
};

/// A fresh key: its id is drawn by the caller. Throws Error{failed} without random bytes.
Signer draw_signer(std::string kid);

/// The public keys as a JWK set (RFC 7517, section 5; RFC 8037, section 2), one line of JSON without its newline.
std::string jwk_set(std::span<const SigningKey> keys);

} // namespace caplet
