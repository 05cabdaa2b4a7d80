// The cases of tests/vectors/jwt; README.txt there says how they read.

#include "core/base64.hpp"
#include "core/secret.hpp"
#include "tests/core/jwt_sample.hpp"

#include <catch2/catch.hpp>
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

using Case = std::map<std::string, std::string>;

const std::set<std::string> k_keys{"case", "expect", "header", "payload", "sign", "token"};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  std::ifstream in(path);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') {
      inside = inside && !line.empty();
      continue;
    }
    if (!inside) {
      cases.emplace_back();
      inside = true;
    }
    const auto colon = line.find(':');
    const std::string key = line.substr(0, colon);
    INFO(path.filename().string() << ": " << line);
    REQUIRE(colon != std::string::npos);
    REQUIRE(k_keys.contains(key));
    const auto start = std::min(line.size(), line.find_first_not_of(' ', colon + 1));
    REQUIRE(cases.back().emplace(key, line.substr(start)).second);
  }
  return cases;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// `\xNN` becomes that byte.
std::string with_bytes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\x") == 0) {
      out += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string encode(ByteView bytes) { return base64::encode(bytes, base64::Alphabet::url); }

Bytes sign(const std::string& text, ByteView seed) {
  PublicKey key{};
  Secret secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.data(), secret.data().data(), seed.data());
  Bytes signature(crypto_sign_BYTES);
  crypto_sign_detached(signature.data(), nullptr, as_bytes(text).data(), text.size(), secret.data().data());
  return signature;
}

Bytes hmac(const std::string& text, ByteView key) {
  Bytes mac(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, as_bytes(text).data(), text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return mac;
}

/// The same signature in a second spelling: S and S + L are one number modulo L (RFC 8032, section 5.1.7).
Bytes with_order_added(Bytes signature) {
  constexpr std::array<unsigned char, 32> k_order{0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                                  0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  sodium_add(signature.data() + 32, k_order.data(), k_order.size());
  return signature;
}

Bytes signature_of(const std::string& who, const std::string& text) {
  const PublicKey key = public_key_of(sample_seed());
  Bytes right = sign(text, sample_seed());
  if (who == "key") {
    return right;
  }
  if (who == "other") {
    return sign(text, Bytes(k_signing_seed_size, 7));
  }
  if (who == "none") {
    return {};
  }
  if (who == "hs256") {
    return hmac(text, key);
  }
  if (who == "hs256-jwk") {
    return hmac(text, as_bytes(encode(key)));
  }
  if (who == "s+l") {
    return with_order_added(std::move(right));
  }
  if (who == "identity") {
    Bytes neutral(crypto_sign_BYTES);
    neutral[0] = 1;
    return neutral;
  }
  if (who == "zero") {
    return Bytes(crypto_sign_BYTES);
  }
  REQUIRE((who == "short" || who == "long"));
  right.resize(who == "short" ? 63 : 65);
  return right;
}

std::string value_or(const Case& one, const std::string& key, const std::string& otherwise) {
  const auto found = one.find(key);
  return found == one.end() ? otherwise : found->second;
}

std::string token_of(const Case& one) {
  const auto part = [&](const std::string& key, const std::string& otherwise) {
    std::string text = with_bytes(value_or(one, key, otherwise));
    replace_all(text, "{kid}", k_kid);
    replace_all(text, "{x}", encode(public_key_of(sample_seed())));
    return encode(as_bytes(text));
  };
  const std::string header = part("header", R"({"alg":"EdDSA","typ":"JWT","kid":"{kid}"})");
  const std::string payload = part("payload", R"({"aud":["caplet:000102030405060708090a0b0c0d0e0f"],"iat":1700000000,)"
                                              R"("iss":"caplet:000102030405060708090a0b0c0d0e0f","jti":"Token0123456",)"
                                              R"("nbf":1700000000,"sub":"Account12345","exp":1800000000})");
  const std::string signature = encode(signature_of(value_or(one, "sign", "key"), header + "." + payload));
  std::string token = with_bytes(value_or(one, "token", "{header}.{payload}.{signature}"));
  replace_all(token, "{header}", header);
  replace_all(token, "{payload}", payload);
  replace_all(token, "{signature}", signature);
  return token;
}

std::string answer(const std::string& token) {
  const auto parsed = parse_jwt(token);
  if (const auto* bad = std::get_if<BadJwt>(&parsed)) {
    CHECK_FALSE(bad->detail.empty());
    constexpr std::array k_names{"too_long", "parts", "encoding", "header", "claims"};
    return k_names.at(static_cast<std::size_t>(bad->why));
  }
  return is_accepted(token) ? "ok" : "signature";
}

} // namespace

TEST_CASE("the JWTs of tests/vectors/jwt") {
  const std::filesystem::path folder = std::filesystem::path(CAPLET_VECTORS) / "jwt";
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().filename() == "README.txt") {
      continue;
    }
    for (const Case& one : read_cases(file.path())) {
      INFO(file.path().filename().string() << ": " << value_or(one, "case", "(no name)"));
      REQUIRE(one.contains("case"));
      REQUIRE(one.contains("expect"));
      const std::string said = answer(token_of(one));
      CHECK(said == one.at("expect"));
      (said == "ok" ? accepted : refused) += 1;
    }
  }
  CHECK(accepted == 6); // those of good.txt, and no other
  CHECK(refused >= 300);
}
