#pragma once

#include "core/bytes.hpp"
#include "core/secret.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace caplet {

/// Ed25519 (RFC 8032): 32 bytes of seed make a key pair.
inline constexpr std::size_t k_signing_seed_size = 32;
using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

/// The public half of a seed's key. REQUIRES: seed.size() == k_signing_seed_size.
PublicKey public_key_of(ByteView seed);

/// Why a text is not a JWT of caplet.
struct BadJwt {
  enum class Why : std::uint8_t { too_long, parts, encoding, header, claims };
  Why why;
  /// One clause that can be printed: "its header: \"alg\" is missing".
  std::string detail;
};

/// Longer than any token of caplet; what a server takes as one header field is hardly more.
inline constexpr std::size_t k_longest_jws = 8192;

/// The three parts of a JSON Web Signature in its compact serialization (RFC 7515, section 7.1), decoded. Nothing of it
/// is to be believed before signature_fits().
struct Jws {
  std::string_view signed_text; ///< header and payload as they stood there, with the dot between: a view
  std::string header;
  std::string payload;
  Signature signature{};
};

/// Takes the text apart: exactly three parts, each in the one spelling that base64url without padding has for it, the
/// third 64 bytes long. Never throws for bad text.
std::variant<Jws, BadJwt> parse_jws(std::string_view text);

/// Whether the key made this signature over this text. libsodium refuses what has a second spelling (S of the group's
/// order or more) and keys and points of small order.
bool signature_fits(std::string_view signed_text, const Signature& signature, const PublicKey& key) noexcept;

/// The JWS of a header and a payload. REQUIRES: seed.size() == k_signing_seed_size. Throws Error{usage} for one that
/// is longer than k_longest_jws.
Secret sign_jws(std::string_view header, std::string_view payload, ByteView seed);

} // namespace caplet
