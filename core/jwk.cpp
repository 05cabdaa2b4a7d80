#include "core/jwk.hpp"

#include "core/base64.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <utility>

namespace caplet {

Signer draw_signer(std::string kid) {
  Signer signer{std::move(kid), Secret(k_signing_seed_size)};
  randombytes_buf(signer.seed.data().data(), signer.seed.size());
  return signer;
}

std::string jwk_set(std::span<const SigningKey> keys) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const SigningKey& key : keys) {
    list.push_back(ordered_json{{"kty", "OKP"},
                                {"crv", "Ed25519"},
                                {"x", base64::encode(key.public_key, base64::Alphabet::url)},
                                {"kid", key.kid},
                                {"use", "sig"},
                                {"alg", "EdDSA"}});
  }
  return ordered_json{{"keys", std::move(list)}}.dump();
}

} // namespace caplet
