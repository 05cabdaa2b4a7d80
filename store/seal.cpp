#include "store/seal.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>

namespace caplet {

static_assert(k_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(k_nonce_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(k_tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Bytes seal(ByteView key, ByteView additional, ByteView content) {
  Bytes sealed;
  seal(key, additional, content, sealed);
  return sealed;
}

void seal(ByteView key, ByteView additional, ByteView content, Bytes& sealed) {
  const std::size_t padded = (content.size() / k_padding + 1) * k_padding;
  sealed.resize(k_nonce_size + padded + k_tag_size);
  unsigned char* const message = sealed.data() + k_nonce_size;
  randombytes_buf(sealed.data(), k_nonce_size);
  std::copy(content.begin(), content.end(), message);
  std::size_t length = 0;
  if (sodium_pad(&length, message, content.size(), k_padding, padded) != 0 || length != padded) {
    throw Error(Errc::failed, "a record could not be padded");
  }
  // Encrypts in place: libsodium allows the message and the ciphertext to be one buffer.
  crypto_aead_xchacha20poly1305_ietf_encrypt(message, nullptr, message, padded, additional.data(), additional.size(),
                                             nullptr, sealed.data(), key.data());
}

bool unseal(ByteView key, ByteView additional, ByteView sealed, Bytes& content) {
  content.clear();
  if (sealed.size() < k_nonce_size + k_padding + k_tag_size || key.size() != k_key_size) {
    return false;
  }
  const ByteView message = sealed.subspan(k_nonce_size);
  content.resize(message.size() - k_tag_size);
  std::size_t length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, message.data(), message.size(),
                                                 additional.data(), additional.size(), sealed.data(),
                                                 key.data()) != 0 ||
      sodium_unpad(&length, content.data(), content.size(), k_padding) != 0) {
    content.clear();
    return false;
  }
  content.resize(length);
  return true;
}

ByteView tag_of(ByteView sealed) noexcept { return sealed.last(std::min(sealed.size(), k_tag_size)); }

Digest keyed_hash(ByteView key, ByteView first, ByteView second) {
  Digest digest{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), digest.size());
  crypto_generichash_update(&state, first.data(), first.size());
  crypto_generichash_update(&state, second.data(), second.size());
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

} // namespace caplet
