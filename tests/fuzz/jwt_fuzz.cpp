// JWTs: no text is accepted that the key did not sign, what is read is what was written, and nothing that is said of a
// text repeats it.

#include "core/jwt.hpp"
#include "core/redaction.hpp"
#include "tests/core/jwt_sample.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>

using namespace caplet;
using fuzz::require;

namespace {

/// Any text, as it comes.
void check_text(std::string_view text) {
  const auto parsed = parse_jwt(text);
  if (const auto* bad = std::get_if<BadJwt>(&parsed)) {
    require(!bad->detail.empty() && redact_tokens(bad->detail) == bad->detail, "the reason has nothing to hide");
    require(std::all_of(bad->detail.begin(), bad->detail.end(), [](char c) { return c >= ' ' && c <= '~'; }),
            "the reason can be printed anywhere");
  } else {
    require(looks_like_jwt(text), "a JWT looks like one");
    require(holds_token(text), "a JWT is a token");
    require(!test::is_accepted(text), "nobody but the key signs");
  }
  const std::string redacted = redact_tokens(text);
  require(!holds_token(redacted), "a redacted text holds no token");
  require(redact_tokens(redacted) == redacted, "redacting twice is redacting once");
}

/// A header and a payload of any text, signed by the right key: whatever of them is accepted is written back the same.
void check_signed(fuzz::Input& in) {
  const auto header = in.bytes(in.byte());
  const auto payload = in.rest();
  const std::string good = R"({"alg":"EdDSA","typ":"JWT","kid":"Key012345678"})";
  const Secret token = sign_jws(header.empty() ? std::string_view(good) : header, payload, test::sample_seed());
  const auto parsed = parse_jwt(token.text());
  if (const auto* jwt = std::get_if<Jwt>(&parsed)) {
    require(signature_fits(jwt->signed_text, jwt->signature, public_key_of(test::sample_seed())), "the signature fits");
    const Secret again = sign_jwt(jwt->claims, {jwt->kid, Secret(test::sample_seed())});
    const auto read = parse_jwt(again.text());
    require(std::holds_alternative<Jwt>(read) && std::get<Jwt>(read).claims == jwt->claims,
            "claims are read back as they were written");
  }
}

/// A good token with some of its bytes changed.
void check_changed(fuzz::Input& in) {
  static const std::string good = test::sample_jwt();
  std::string token = good;
  while (!in.empty()) {
    const std::size_t at = in.pair() % token.size();
    token[at] = static_cast<char>(in.byte());
  }
  require(test::is_accepted(token) == (token == good), "a changed token is refused");
  const std::string text = "a " + token;
  require(!holds_token(redact_tokens(text)), "a redacted text holds no token");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.byte() % 3) {
  case 0:
    check_text(in.rest());
    break;
  case 1:
    check_signed(in);
    break;
  default:
    check_changed(in);
  }
  return 0;
}
