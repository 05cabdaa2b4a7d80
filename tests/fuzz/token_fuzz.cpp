// Token strings: what is read is what was written, and nothing that is said of a text repeats a secret.

#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/redaction.hpp"
#include "core/token_string.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>

using namespace caplet;
using fuzz::require;

namespace {

std::string digits(fuzz::Input& in, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += base62::k_alphabet[in.byte() % base62::k_alphabet.size()];
  }
  return out;
}

/// As all but one in a billion secrets do.
bool has_both_cases(std::string_view text) {
  const auto any = [&](char first, char last) {
    return std::any_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
  };
  return any('A', 'Z') && any('a', 'z');
}

std::string with_check(std::string text) {
  std::string check(k_check_length, '\0');
  base62::encode(crc32(text), check);
  return text + check;
}

void check_text(std::string_view text) {
  const auto parsed = parse_token(text);
  if (const auto* parts = std::get_if<TokenParts>(&parsed)) {
    std::string again(parts->prefix);
    again.append("_").append(to_string(parts->kind)).append("_").append(parts->id).append("_").append(parts->secret);
    require(with_check(again) == text, "a token that is read is written back equal");
    require(is_prefix(parts->prefix) && looks_like_id(parts->id), "its parts are well formed");
    require(text.size() == token_length(parts->prefix), "it has a token's length");
    require(holds_token(text), "a token holds a token");
  } else {
    const auto& detail = std::get<Malformed>(parsed).detail;
    require(!detail.empty(), "a reason is given");
    require(redact_tokens(detail) == detail, "the reason has nothing to hide");
    require(std::all_of(detail.begin(), detail.end(), [](char c) { return c >= ' ' && c <= '~'; }),
            "the reason can be printed anywhere");
  }
  const std::string redacted = redact_tokens(text);
  require(!holds_token(redacted), "a redacted text holds no token");
  require(redact_tokens(redacted) == redacted, "redacting twice is redacting once");
}

/// A token of any kind and digits, its checksum right; then one character of it changed, and it in the midst of a text.
void check_token(fuzz::Input& in) {
  const std::string prefix = in.byte() % 2 == 0 ? "cpl" : "a1";
  const std::string kind = in.byte() % 2 == 0 ? "pat" : "sat";
  const std::string id = digits(in, k_id_length);
  const std::string secret = digits(in, k_secret_length);
  const std::string token = with_check(prefix + "_" + kind + "_" + id + "_" + secret);
  check_text(token);
  require(std::holds_alternative<TokenParts>(parse_token(token)) == looks_like_id(id), "a right token is read");

  std::string changed = token;
  char& character = changed[in.byte() % changed.size()];
  const char other = static_cast<char>(in.byte());
  if (other != character) {
    character = other;
    require(std::holds_alternative<Malformed>(parse_token(changed)), "one changed character is noticed");
    check_text(changed);
    require(!has_both_cases(secret) || redact_tokens(changed).find(secret) == std::string::npos,
            "the secret of a mistyped token does not come out again");
  }
  const std::string before(in.bytes(in.byte()));
  const std::string after(in.rest());
  const std::string text = before + " " + token + " " + after;
  require(holds_token(text), "a token is found within a text");
  const bool elsewhere = before.find(secret) != std::string::npos || after.find(secret) != std::string::npos;
  require(elsewhere || redact_tokens(text).find(secret) == std::string::npos, "its secret does not come out again");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  if (in.byte() % 2 == 0) {
    check_text(in.rest());
  } else {
    check_token(in);
  }
  return 0;
}
