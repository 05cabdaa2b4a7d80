#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/redaction.hpp"
#include "core/token_string.hpp"

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

using namespace caplet;

namespace {

bool is_token(std::string_view text) { return std::holds_alternative<TokenParts>(parse_token(text)); }

Malformed::Why why(std::string_view text) {
  const auto parsed = parse_token(text);
  REQUIRE(std::holds_alternative<Malformed>(parsed));
  return std::get<Malformed>(parsed).why;
}

std::string mint(std::string_view prefix = "cpl", TokenKind kind = TokenKind::pat) {
  return std::string(draw_token(prefix, kind, draw_id()).text());
}

} // namespace

TEST_CASE("a token string is read back in its parts") {
  const std::string id = draw_id();
  for (const std::string prefix : {"cpl", "acme", "a1"}) {
    for (const TokenKind kind : {TokenKind::pat, TokenKind::sat}) {
      const Secret token = draw_token(prefix, kind, id);
      const auto parsed = parse_token(token.text());
      REQUIRE(std::holds_alternative<TokenParts>(parsed));
      const auto& parts = std::get<TokenParts>(parsed);
      CHECK(parts.prefix == prefix);
      CHECK(parts.kind == kind);
      CHECK(parts.id == id);
      CHECK(parts.secret.size() == k_secret_length);
    }
  }
}

// Computed apart from this code: CRC-32 by Python's zlib.crc32 over all before the check, written in base62.
TEST_CASE("a token string made by hand from the format's description is read") {
  const std::string body = "cpl_pat_Abcdefghij12_0000000000000000000000000000000000000000000";
  CHECK(crc32(body) == 0xDCDDEDCAU);
  CHECK(is_token(body + "42m26k"));
  CHECK_FALSE(is_token(body + "42m26l"));
}

TEST_CASE("what is wrong with a string is named") {
  using Why = Malformed::Why;
  const std::string token = mint();
  CHECK(why("") == Why::empty);
  CHECK(why("hello") == Why::not_a_token);
  CHECK(why("ghp_0123456789abcdefghijABCDEFGHIJ012345") == Why::not_a_token);
  CHECK(why("_pat_x") == Why::not_a_token);
  CHECK(why("CPL_pat_x") == Why::not_a_token);
  CHECK(why(token.substr(0, token.size() - 1)) == Why::wrong_length);
  CHECK(why(token + "0") == Why::wrong_length);
  CHECK(why(token + "\n") == Why::wrong_length);
  std::string odd = token;
  odd[30] = '-';
  CHECK(why(odd) == Why::bad_character);
  odd[30] = '\0';
  CHECK(why(odd) == Why::bad_character);
  std::string typo = token;
  typo[30] = typo[30] == 'a' ? 'b' : 'a';
  CHECK(why(typo) == Why::mistyped);
  for (const std::size_t mark : {3U, 7U, 20U}) {
    typo = token;
    typo[mark] = 'x';
    CHECK(why(typo) == Why::mistyped);
    typo = token;
    std::swap(typo[mark], typo[mark + 1]);
    CHECK(why(typo) == Why::mistyped);
  }
  // A kind of the future, with a right checksum.
  std::string other = token.substr(0, token.size() - k_check_length);
  other.replace(4, 3, "xyz");
  std::array<char, k_check_length> check{};
  base62::encode(crc32(other), check);
  CHECK(why(other + std::string(check.data(), check.size())) == Why::unknown_kind);
}

TEST_CASE("no explanation repeats the secret") {
  std::string token = mint();
  const std::string secret = token.substr(21, k_secret_length);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = '!';
    const auto parsed = parse_token(changed);
    REQUIRE(std::holds_alternative<Malformed>(parsed));
    CHECK(std::get<Malformed>(parsed).detail.find(secret.substr(5, 10)) == std::string::npos);
  }
}

TEST_CASE("the checksum catches every changed character and every swap of neighbours") {
  std::mt19937 random(7);
  int changed = 0;
  int missed = 0;
  const auto count = [&](const std::string& text) {
    ++changed;
    missed += is_token(text) ? 1 : 0;
  };
  for (int n = 0; n < 40; ++n) {
    const std::string token = mint();
    for (std::size_t i = 0; i < token.size(); ++i) {
      for (const char c : base62::k_alphabet) {
        if (token[i] != c) {
          std::string other = token;
          other[i] = c;
          count(other);
        }
      }
      if (i + 1 < token.size() && token[i] != token[i + 1]) {
        std::string other = token;
        std::swap(other[i], other[i + 1]);
        count(other);
      }
    }
  }
  CHECK(changed > 170000);
  CHECK(missed == 0);
}

TEST_CASE("a million tokens: no duplicate, every digit as likely as the others in every place") {
  constexpr int k_count = 1'000'000;
  std::unordered_set<std::string> ids;
  std::unordered_set<std::string> secrets;
  ids.reserve(k_count);
  secrets.reserve(k_count);
  std::array<std::array<int, 62>, k_secret_length> seen{};
  int mistyped_but_accepted = 0;
  base62::Digits digits;
  for (int i = 0; i < k_count; ++i) {
    const std::string id = i % 2 == 0 ? draw_id() : draw_id(digits);
    std::string token(token_length("cpl"), '\0');
    draw_token_into(token, "cpl", TokenKind::pat, id, digits);
    ids.insert(id);
    const std::string secret = token.substr(21, k_secret_length);
    secrets.insert(secret);
    for (std::size_t at = 0; at < secret.size(); ++at) {
      ++seen[at][static_cast<std::size_t>(base62::value(secret[at]))];
    }
    std::string typo = token; // one sampled change each
    const auto at = static_cast<std::size_t>(i) % token.size();
    typo[at] = typo[at] == 'x' ? 'y' : 'x';
    mistyped_but_accepted += is_token(typo) ? 1 : 0;
  }
  CHECK(ids.size() == k_count);
  CHECK(secrets.size() == k_count);
  CHECK(mistyped_but_accepted == 0);
  // Chi-square with 61 degrees of freedom: 122.9 is passed by chance once in 10^5 places (43 are looked at).
  for (const auto& place : seen) {
    const double expected = k_count / 62.0;
    double chi_square = 0;
    for (const int n : place) {
      chi_square += (n - expected) * (n - expected) / expected;
    }
    CHECK(chi_square < 122.9);
    CHECK(chi_square > 18); // too even is as wrong
  }
}

TEST_CASE("an id never reads as a word, and words are no ids") {
  for (int i = 0; i < 1000; ++i) {
    CHECK(looks_like_id(draw_id()));
  }
  for (const std::string_view word :
       {"githubaction", "GITHUBACTION", "GithubAction", "release20261", "ci", "", "Abcdefghij1-"}) {
    CHECK_FALSE(looks_like_id(word));
  }
}

TEST_CASE("a token in a text does not come out again") {
  const std::string token = mint();
  const std::string id_part = token.substr(0, 21);
  CHECK(redact_tokens("no token \"" + token + "\"") == "no token \"" + id_part + "***\"");
  CHECK(redact_tokens(token + " " + token) == id_part + "*** " + id_part + "***");
  for (std::size_t length = 1; length <= token.size(); ++length) {
    const std::string out = redact_tokens("x" + token.substr(0, length));
    CHECK(out.find(token.substr(21, 6)) == std::string::npos);
  }
  // A hash that we name is no secret; what only stands where one would is.
  const std::string hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  CHECK(redact_tokens("its SHA-256 is " + hash) == "its SHA-256 is " + hash);
  CHECK(redact_tokens("its SHA-256 is " + hash + "; " + token) == "its SHA-256 is " + hash + "; " + id_part + "***");
  CHECK(redact_tokens("its SHA-256 is " + token.substr(21)) == "its SHA-256 is ***");
  CHECK(redact_tokens("its SHA-256 is " + hash + "0").find(hash) == std::string::npos);
  CHECK(redact_tokens("its SHA-256 is " + hash + "_" + token).find(token.substr(21)) == std::string::npos);
  CHECK(redact_tokens("the key " + hash) == "the key ***");
  CHECK(redact_tokens("nothing here, my_pat and a_sat_ too") == "nothing here, my_pat and a_sat_ too");
  CHECK(redact_tokens("") == "");
  // Mistyped in its kind, or the secret alone.
  std::string other_kind = token;
  other_kind[5] = 'o';
  CHECK(redact_tokens(other_kind) == other_kind.substr(0, 21) + "***");
  CHECK(redact_tokens(token.substr(21)) == "***");
  CHECK(redact_tokens("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ") == "***"); // a secret without a figure
  // Names and paths that only remind of one.
  for (const std::string_view text :
       {"github_pat_backup", "/home/x/my_pat_store/store.db", "my_pat_x", "cpl_pat_", "githubactionsrunner2026"}) {
    CHECK_FALSE(holds_token(text));
    CHECK(redact_tokens(text) == text);
  }
  CHECK(holds_token("see " + token));
  CHECK(holds_token(token.substr(0, 30)));
}

TEST_CASE("prefixes") {
  for (const std::string_view good : {"cpl", "ab", "a1", "abcdefghij"}) {
    CHECK(is_prefix(good));
  }
  for (const std::string_view bad : {"", "a", "1a", "Ab", "a_b", "a-b", "abcdefghijk", "a b", "é1"}) {
    CHECK_FALSE(is_prefix(bad));
  }
}

TEST_CASE("base62 numbers") {
  std::array<char, 6> digits{};
  base62::encode(0xFFFFFFFFU, digits);
  CHECK(std::string(digits.data(), digits.size()) == "4gfFC3");
  CHECK(base62::decode("4gfFC3") == 0xFFFFFFFFU);
  CHECK(base62::decode("000000") == 0U);
  CHECK_FALSE(base62::decode(""));
  CHECK_FALSE(base62::decode("00-000"));
  CHECK_FALSE(base62::decode("00000000000"));
}
