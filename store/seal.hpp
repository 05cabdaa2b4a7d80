#pragma once

#include "core/secret.hpp"

namespace caplet {

/// Sealing: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a fresh random nonce each time. The nonce is 24 bytes,
/// so that drawing it at random never repeats one in practice.
inline constexpr std::size_t k_key_size = 32;
inline constexpr std::size_t k_nonce_size = 24;
inline constexpr std::size_t k_tag_size = 16;
/// Contents are padded (ISO/IEC 7816-4) to a multiple of this, so that a length tells little.
inline constexpr std::size_t k_padding = 64;

/// Pads and encrypts `content`; `additional` is authenticated with it and not stored. The result is nonce, ciphertext,
/// tag.
Bytes seal(ByteView key, ByteView additional, ByteView content);
/// The same into `sealed`, whose memory is reused.
void seal(ByteView key, ByteView additional, ByteView content, Bytes& sealed);
/// The same for one who draws the nonce together with other bytes. REQUIRES: k_nonce_size random bytes that are for
/// this and for nothing else.
Bytes seal_with_nonce(ByteView key, ByteView additional, ByteView content, ByteView nonce);

/// Decrypts into `content` (padding removed, its memory reused). False when a bit of key, `sealed` or `additional`
/// is another than it was; then `content` is empty.
[[nodiscard]] bool unseal(ByteView key, ByteView additional, ByteView sealed, Bytes& content);

/// The tag of a sealed content: what makes it unique. Shorter only where `sealed` is not one.
ByteView tag_of(ByteView sealed) noexcept;

/// BLAKE2b-256 (RFC 7693) under a key of 32 bytes.
Digest keyed_hash(ByteView key, ByteView first, ByteView second = {});

} // namespace caplet
