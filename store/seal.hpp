#pragma once

#include "core/secret.hpp"

#include <array>

namespace caplet {

/// Sealing: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a fresh random nonce each time. The nonce is 24 bytes,
/// so that drawing it at random never repeats one in practice.
inline constexpr std::size_t k_key_size = 32;
inline constexpr std::size_t k_nonce_size = 24;
inline constexpr std::size_t k_tag_size = 16;
/// Contents are padded (ISO/IEC 7816-4) to a multiple of this, so that a length tells little.
inline constexpr std::size_t k_padding = 64;

struct Sealed {
  std::array<unsigned char, k_nonce_size> nonce{};
  Bytes bytes; ///< ciphertext and, last, the 16-byte tag
};

/// Pads and encrypts `content`; `additional` is authenticated with it and not stored.
Sealed seal(ByteView key, ByteView additional, ByteView content);

/// Decrypts into `content` (padding removed, its memory reused). False when a bit of key, nonce, bytes or `additional`
/// is another than it was; then `content` is empty.
[[nodiscard]] bool unseal(ByteView key, ByteView additional, ByteView nonce, ByteView bytes, Bytes& content);

/// BLAKE2b-256 (RFC 7693) under a key of 32 bytes.
Digest keyed_hash(ByteView key, ByteView first, ByteView second = {});

} // namespace caplet
