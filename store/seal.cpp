#include "store/seal.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>

namespace caplet {

static_assert(k_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(k_nonce_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(k_tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Sealed seal(ByteView key, ByteView additional, ByteView content) {
  Sealed sealed;
  randombytes_buf(sealed.nonce.data(), sealed.nonce.size());
  const std::size_t padded = (content.size() / k_padding + 1) * k_padding;
  sealed.bytes.resize(padded + k_tag_size);
  std::copy(content.begin(), content.end(), sealed.bytes.begin());
  std::size_t length = 0;
  if (sodium_pad(&length, sealed.bytes.data(), content.size(), k_padding, padded) != 0 || length != padded) {
    throw Error(Errc::failed, "a record could not be padded");
  }
  // Encrypts in place: libsodium allows the message and the ciphertext to be one buffer.
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.bytes.data(), nullptr, sealed.bytes.data(), padded,
                                             additional.data(), additional.size(), nullptr, sealed.nonce.data(),
                                             key.data());
  return sealed;
}

bool unseal(ByteView key, ByteView additional, ByteView nonce, ByteView bytes, Bytes& content) {
  content.clear();
  if (nonce.size() != k_nonce_size || bytes.size() < k_tag_size + k_padding || key.size() != k_key_size) {
    return false;
  }
  content.resize(bytes.size() - k_tag_size);
  std::size_t length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, bytes.data(), bytes.size(),
                                                 additional.data(), additional.size(), nonce.data(), key.data()) != 0 ||
      sodium_unpad(&length, content.data(), content.size(), k_padding) != 0) {
    content.clear();
    return false;
  }
  content.resize(length);
  return true;
}

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
