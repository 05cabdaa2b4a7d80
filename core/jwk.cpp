#include "core/jwk.hpp"

#include "core/base64.hpp"

#include <nlohmann/json.hpp>

namespace caplet {

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
