// What is sealed: padded as libsodium pads, and nothing without its padding.

#include "store/seal.hpp"

#include <catch2/catch.hpp>
#include <sodium.h>

#include <algorithm>

using namespace caplet;

namespace {

const Bytes k_key(k_key_size, 7);

Bytes encrypt(ByteView padded) {
  Bytes sealed(k_nonce_size + padded.size() + k_tag_size);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + k_nonce_size, nullptr, padded.data(), padded.size(),
                                             nullptr, 0, nullptr, sealed.data(), k_key.data());
  return sealed;
}

Bytes decrypt(ByteView sealed) {
  Bytes padded(sealed.size() - k_nonce_size - k_tag_size);
  REQUIRE(crypto_aead_xchacha20poly1305_ietf_decrypt(padded.data(), nullptr, nullptr, sealed.data() + k_nonce_size,
                                                     sealed.size() - k_nonce_size, nullptr, 0, sealed.data(),
                                                     k_key.data()) == 0);
  return padded;
}

} // namespace

TEST_CASE("contents of every length are padded as libsodium pads them, and come back") {
  for (std::size_t size = 0; size <= 3 * k_padding; ++size) {
    Bytes content(size, size % 2 == 0 ? 0 : 0x80); // like what pads
    const Bytes sealed = seal(k_key, {}, content);
    Bytes padded = content;
    padded.resize(size + k_padding, 1);
    std::size_t length = 0;
    REQUIRE(sodium_pad(&length, padded.data(), size, k_padding, padded.size()) == 0);
    padded.resize(length);
    CHECK(decrypt(sealed) == padded);
    Bytes back(500, 9);
    CHECK(unseal(k_key, {}, sealed, back));
    CHECK(back == content);
  }
}

TEST_CASE("what is authentic and not padded is refused") {
  Bytes content;
  CHECK_FALSE(unseal(k_key, {}, encrypt(Bytes(k_padding, 0)), content));
  CHECK_FALSE(unseal(k_key, {}, encrypt(Bytes(k_padding, 1)), content));
  Bytes far(2 * k_padding, 0); // the mark stands before the last block
  far[k_padding - 1] = 0x80;
  CHECK_FALSE(unseal(k_key, {}, encrypt(far), content));
  CHECK(content.empty());
  far[k_padding] = 0x80;
  CHECK(unseal(k_key, {}, encrypt(far), content));
  CHECK(content.size() == k_padding);
}
