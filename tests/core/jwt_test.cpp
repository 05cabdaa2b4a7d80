#include "core/base64.hpp"
#include "core/jwk.hpp"
#include "core/redaction.hpp"
#include "core/text.hpp"
#include "tests/core/jwt_sample.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace caplet;
using namespace caplet::test;

namespace {

Bytes bytes_of(std::string_view base64url) { return base64::decode(base64url, base64::Alphabet::url).value(); }

/// Header and payload of a token, as they read.
std::string part(const std::string& token, int number) {
  std::size_t start = 0;
  for (int i = 0; i < number; ++i) {
    start = token.find('.', start) + 1;
  }
  return std::string(as_text(bytes_of(token.substr(start, token.find('.', start) - start))));
}

} // namespace

// RFC 8037, appendix A: the key (A.1), its public half (A.2), the signature (A.4) and its verification (A.5).
TEST_CASE("the example of RFC 8037") {
  const Bytes seed = bytes_of("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const PublicKey key = public_key_of(seed);
  CHECK(base64::encode(key, base64::Alphabet::url) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  const Secret token = sign_jws(R"({"alg":"EdDSA"})", "Example of Ed25519 signing", seed);
  CHECK(token.text() == "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  const auto parsed = parse_jws(token.text());
  REQUIRE(std::holds_alternative<Jws>(parsed));
  const auto& jws = std::get<Jws>(parsed);
  CHECK(jws.payload == "Example of Ed25519 signing");
  CHECK(signature_fits(jws.signed_text, jws.signature, key));
  CHECK_FALSE(is_accepted(token.text())); // a signature, but no token of caplet
}

TEST_CASE("a JWT is read back as it was written") {
  Claims claims = sample_claims();
  SECTION("that ends") {}
  SECTION("that never ends") { claims.expires_at.reset(); }
  SECTION("scoped") { claims.scopes = {"run:deploy", "orders:*"}; }
  SECTION("for others") { claims.audience = {"https://api.example.org", "b\u00FCcher", R"(a "quoted" one)"}; }
  const std::string token = sample_jwt(claims);
  CHECK(looks_like_jwt(token));
  CHECK(is_accepted(token));
  const auto parsed = parse_jwt(token);
  REQUIRE(std::holds_alternative<Jwt>(parsed));
  CHECK(std::get<Jwt>(parsed).claims == claims);
}

TEST_CASE("a JWT has the claims of Cape, and exp and scope where it has them") {
  Claims claims = sample_claims();
  const std::string base = R"({"aud":["caplet:000102030405060708090a0b0c0d0e0f"],"iat":1700000000,)"
                           R"("iss":"caplet:000102030405060708090a0b0c0d0e0f","jti":"Token0123456",)"
                           R"("nbf":1700000000,"sub":"Account12345")";
  const std::string token = sample_jwt(claims);
  CHECK(part(token, 0) == R"({"alg":"EdDSA","typ":"JWT","kid":"Key012345678"})");
  CHECK(part(token, 1) == base + R"(,"exp":1800000000})");
  claims.expires_at.reset();
  CHECK(part(sample_jwt(claims), 1) == base + "}");
  claims.scopes = {"run:deploy", "orders:*"};
  CHECK(part(sample_jwt(claims), 1) == base + R"(,"scope":"run:deploy orders:*"})");
}

TEST_CASE("every changed byte and every cut of a JWT is noticed") {
  const std::string token = sample_jwt();
  REQUIRE(is_accepted(token));
  std::size_t accepted = 0;
  const auto offer = [&](const std::string& changed) {
    if (changed != token && is_accepted(changed)) {
      ++accepted;
    }
  };
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    for (int byte = 0; byte < 256; ++byte) {
      changed[i] = static_cast<char>(byte);
      offer(changed);
    }
    offer(token.substr(0, i));
    offer(token.substr(i + 1));
    offer(token.substr(0, i) + token.substr(i + 1));
    offer(token.substr(0, i) + token[i] + token.substr(i));
  }
  CHECK(accepted == 0);
}

// A key of small order makes one signature fit every message: libsodium refuses such keys, and such points R.
TEST_CASE("no signature fits with a key of small order") {
  PublicKey neutral{};
  neutral[0] = 1;
  Signature signature{};
  signature[0] = 1;
  CHECK_FALSE(signature_fits("any text", signature, neutral));
  CHECK_FALSE(signature_fits("any text", Signature{}, PublicKey{}));
}

TEST_CASE("a JWT that would be too long is not made") {
  Claims claims = sample_claims();
  claims.audience.assign(50, std::string(200, 'x'));
  CHECK(refusal_of([&] { sample_jwt(claims); }).find("8192 are allowed") != std::string::npos);
}

TEST_CASE("what is said of a bad JWT can be printed and repeats nothing of it") {
  const std::string token = sample_jwt();
  for (const std::string& header :
       {std::string("{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"Key012345678\",\"\\u001b[2J") + token + "\":1}",
        std::string("{\"") + token + "\":1}"}) {
    const Secret bad = sign_jws(header, "{}", sample_seed());
    const auto parsed = parse_jwt(bad.text());
    REQUIRE(std::holds_alternative<BadJwt>(parsed));
    const std::string& detail = std::get<BadJwt>(parsed).detail;
    CHECK(detail.find(token.substr(0, 12)) == std::string::npos);
    CHECK(std::all_of(detail.begin(), detail.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

TEST_CASE("a JWT in a text does not come out again") {
  const std::string token = sample_jwt();
  const std::string signature = token.substr(token.rfind('.') + 1);
  CHECK(redact_tokens("no token \"" + token + "\"") == "no token \"eyJ***\"");
  CHECK(redact_tokens(token + " " + token) == "eyJ*** eyJ***");
  const auto repeats_signature = [&](const std::string& text) {
    const std::string out = redact_tokens(text);
    for (std::size_t at = 0; at + 8 <= signature.size(); ++at) {
      if (out.find(signature.substr(at, 8)) != std::string::npos) {
        return true;
      }
    }
    return false;
  };
  CHECK_FALSE(repeats_signature("x" + token));
  CHECK_FALSE(repeats_signature("x_" + token));
  CHECK_FALSE(repeats_signature("authorization:bearer=" + token + "."));
  CHECK_FALSE(repeats_signature(signature));                                    // alone
  CHECK_FALSE(repeats_signature(token.substr(token.find('.'))));                // without its header
  CHECK_FALSE(repeats_signature("fyJ" + token.substr(3)));                      // mistyped at its start
  CHECK_FALSE(repeats_signature(token.substr(0, 20) + " " + token.substr(20))); // torn
  for (std::size_t length = token.rfind('.') + 2; length <= token.size(); ++length) {
    CHECK(holds_token(token.substr(0, length)));
    CHECK(redact_tokens(token.substr(0, length)) == "eyJ***");
  }
  CHECK_THROWS_AS(check_description("see eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"), Error);
  // What people write, however long.
  for (const std::string_view text :
       {"eyJ", "eyJhbGciOi.", "nightly-Backup-of-the-Database-Server-01-in-Frankfurt-am-Main_2026",
        "the-quick-brown-fox-jumps-over-the-lazy-dog-2026", "https://Example.org/Some/Path/index.html", "a.b.c"}) {
    CHECK_FALSE(holds_token(text));
    CHECK(redact_tokens(text) == text);
  }
}

TEST_CASE("a JWK set of no, one and two keys") {
  SigningKey key;
  key.kid = k_kid;
  key.public_key = public_key_of(sample_seed());
  const std::string one = R"({"kty":"OKP","crv":"Ed25519","x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",)"
                          R"("kid":"Key012345678","use":"sig","alg":"EdDSA"})";
  CHECK(jwk_set({}) == R"({"keys":[]})");
  CHECK(jwk_set(std::vector{key}) == "{\"keys\":[" + one + "]}");
  CHECK(jwk_set(std::vector{key, key}) == "{\"keys\":[" + one + "," + one + "]}");
}

// Vectors of RFC 4648, section 10, and what must not be read.
TEST_CASE("base64 has one spelling for each value") {
  using base64::Alphabet;
  for (const auto& [text, padded, bare] : std::vector<std::array<std::string, 3>>{{"", "", ""},
                                                                                  {"f", "Zg==", "Zg"},
                                                                                  {"fo", "Zm8=", "Zm8"},
                                                                                  {"foo", "Zm9v", "Zm9v"},
                                                                                  {"foob", "Zm9vYg==", "Zm9vYg"},
                                                                                  {"\xFB\xFF", "+/8=", "-_8"}}) {
    CHECK(base64::encode(as_bytes(text), Alphabet::standard) == padded);
    CHECK(base64::encode(as_bytes(text), Alphabet::url) == bare);
    CHECK(base64::decode(padded, Alphabet::standard) == Bytes(text.begin(), text.end()));
    CHECK(base64::decode(bare, Alphabet::url) == Bytes(text.begin(), text.end()));
  }
  for (const std::string_view bad : {"Zg==", "Zm8=", "Zh", "Zm9", "Z", "Zm9vY", "Zm9v ", " Zm9v", "Zm 9v", "Zm9v\n",
                                     "+/8", "Zm9v\xAB\xAB\xAB\xAB", "=", "Zm9v====", "Zm.v"}) {
    CHECK_FALSE(base64::decode(bad, Alphabet::url));
  }
  for (const std::string_view bad : {"Zg", "Zg=", "Zh==", "Zm9", "-_8=", "Zg== ", "Zg===", "\xAB\xAB\xAB\xAB"}) {
    CHECK_FALSE(base64::decode(bad, Alphabet::standard));
  }
  std::array<unsigned char, 3> three{};
  CHECK(base64::decode("Zm9v", three, Alphabet::url));
  CHECK_FALSE(base64::decode("Zm8", three, Alphabet::url));
  CHECK_FALSE(base64::decode("Zm9vYg", three, Alphabet::url));
}
