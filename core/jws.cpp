#include "core/jws.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace caplet {
namespace {

using base64::Alphabet;

static_assert(k_signing_seed_size == crypto_sign_SEEDBYTES);
static_assert(std::tuple_size_v<PublicKey> == crypto_sign_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<Signature> == crypto_sign_BYTES);

std::optional<std::string> decode_text(std::string_view part) {
  const auto bytes = base64::decode(part, Alphabet::url);
  return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

BadJwt badly_encoded(std::string_view part) {
  return {BadJwt::Why::encoding, fmt::format("its {} is not written in base64url without padding", part)};
}

} // namespace

PublicKey public_key_of(ByteView seed) {
  PublicKey key{};
  Secret secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.data(), secret.data().data(), seed.data());
  return key;
}

std::variant<Jws, BadJwt> parse_jws(std::string_view text) {
  using Why = BadJwt::Why;
  if (text.size() > k_longest_jws) {
    return BadJwt{Why::too_long, fmt::format("it is longer than {} characters", k_longest_jws)};
  }
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots != 2) {
    return BadJwt{Why::parts, fmt::format("a JWT has 3 parts, and this has {}", dots + 1)};
  }
  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  Jws jws;
  jws.signed_text = text.substr(0, second);
  auto header = decode_text(text.substr(0, first));
  if (!header) {
    return badly_encoded("header");
  }
  auto payload = decode_text(text.substr(first + 1, second - first - 1));
  if (!payload) {
    return badly_encoded("payload");
  }
  const std::string_view signature = text.substr(second + 1);
  if (signature.empty()) {
    return BadJwt{Why::parts, "it is not signed"};
  }
  if (!base64::decode(signature, jws.signature, Alphabet::url)) {
    return BadJwt{Why::encoding,
                  fmt::format("its signature is not {} bytes in base64url without padding: was it cut off?",
                              jws.signature.size())};
  }
  jws.header = std::move(*header);
  jws.payload = std::move(*payload);
  return jws;
}

bool signature_fits(std::string_view signed_text, const Signature& signature, const PublicKey& key) noexcept {
  return crypto_sign_verify_detached(signature.data(), as_bytes(signed_text).data(), signed_text.size(), key.data()) ==
         0;
}

Secret sign_jws(std::string_view header, std::string_view payload, ByteView seed) {
  const std::string signed_text =
      base64::encode(as_bytes(header), Alphabet::url) + '.' + base64::encode(as_bytes(payload), Alphabet::url);
  PublicKey key{};
  Secret secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.data(), secret.data().data(), seed.data());
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, as_bytes(signed_text).data(), signed_text.size(),
                       secret.data().data());
  std::string encoded = base64::encode(signature, Alphabet::url);
  const std::size_t size = signed_text.size() + 1 + encoded.size();
  Secret jws(size);
  const auto dot = std::copy(signed_text.begin(), signed_text.end(), jws.data().begin());
  *dot = '.';
  std::copy(encoded.begin(), encoded.end(), dot + 1);
  wipe(encoded);
  wipe(signature);
  if (size > k_longest_jws) {
    throw Error(Errc::usage, fmt::format("the JWT would be {} characters long, {} are allowed", size, k_longest_jws),
                "name fewer or shorter scopes and audiences");
  }
  return jws;
}

} // namespace caplet
