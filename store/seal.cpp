#include "store/seal.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

namespace caplet {
namespace {

constexpr unsigned char k_mark = 0x80; ///< the padding is this byte and zeros (ISO/IEC 7816-4)

/// How long a content is without its padding; nothing where there is none. It was authenticated: nobody who guesses is
/// told anything by the time it takes, for which sodium_unpad() looks at all of the last block.
std::optional<std::size_t> unpadded_size(ByteView padded) {
  const ByteView block = padded.last(std::min(padded.size(), k_padding));
  const auto mark = std::find_if(block.rbegin(), block.rend(), [](unsigned char byte) { return byte != 0; });
  if (mark == block.rend() || *mark != k_mark) {
    return std::nullopt;
  }
  return padded.size() - 1 - static_cast<std::size_t>(mark - block.rbegin());
}

void make_room(Bytes& sealed, ByteView content) {
  sealed.resize(k_nonce_size + (content.size() / k_padding + 1) * k_padding + k_tag_size);
}

/// REQUIRES: make_room(), and the nonce in its place.
void seal_in_place(ByteView key, ByteView additional, ByteView content, Bytes& sealed) {
  const std::span<unsigned char> message(sealed.data() + k_nonce_size, sealed.size() - k_nonce_size - k_tag_size);
  const auto end = std::copy(content.begin(), content.end(), message.begin());
  *end = k_mark; // as sodium_pad() does, which hides how much it writes
  std::fill(end + 1, message.end(), static_cast<unsigned char>(0));
  // Encrypts in place: libsodium allows the message and the ciphertext to be one buffer.
  crypto_aead_xchacha20poly1305_ietf_encrypt(message.data(), nullptr, message.data(), message.size(), additional.data(),
                                             additional.size(), nullptr, sealed.data(), key.data());
}

} // namespace

static_assert(k_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(k_nonce_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(k_tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Bytes seal(ByteView key, ByteView additional, ByteView content) {
  Bytes sealed;
  seal(key, additional, content, sealed);
  return sealed;
}

void seal(ByteView key, ByteView additional, ByteView content, Bytes& sealed) {
  make_room(sealed, content);
  randombytes_buf(sealed.data(), k_nonce_size);
  seal_in_place(key, additional, content, sealed);
}

Bytes seal_with_nonce(ByteView key, ByteView additional, ByteView content, ByteView nonce) {
  Bytes sealed;
  make_room(sealed, content);
  std::copy_n(nonce.begin(), k_nonce_size, sealed.begin());
  seal_in_place(key, additional, content, sealed);
  return sealed;
}

bool unseal(ByteView key, ByteView additional, ByteView sealed, Bytes& content) {
  if (sealed.size() < k_nonce_size + k_padding + k_tag_size || key.size() != k_key_size) {
    content.clear();
    return false;
  }
  const ByteView message = sealed.subspan(k_nonce_size);
  content.resize(message.size() - k_tag_size);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, message.data(), message.size(),
                                                 additional.data(), additional.size(), sealed.data(),
                                                 key.data()) != 0) {
    content.clear();
    return false;
  }
  const auto size = unpadded_size(content);
  content.resize(size.value_or(0));
  return size.has_value();
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
