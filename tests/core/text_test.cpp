#include "core/error.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace caplet;

namespace {

std::string refusal(const std::string& name) {
  return test::refusal_of([&] { check_name(name); });
}

} // namespace

TEST_CASE("names that are fine") {
  for (const std::string name : {"ci",
                                 "my-token",
                                 "deploy to prod",
                                 "日本語",
                                 "naïve",
                                 "👩‍💻 laptop",
                                 "❤️ home",
                                 "می‌خواهم",
                                 "githubaction",
                                 "a",
                                 "=cmd",
                                 "❤️",
                                 "👩‍💻",
                                 "👩🏽‍💻",
                                 "👨‍👩‍👧‍👦",
                                 "🏳️‍🌈",
                                 "1️⃣ first",
                                 "⌚︎",
                                 "क्‍ष",
                                 "ক্‌ষ"}) {
    CHECK(refusal(name) == "");
  }
  std::string longest;
  for (int i = 0; i < 64; ++i) {
    longest += "語";
  }
  CHECK(refusal(longest) == "");
}

TEST_CASE("names that are refused, each for its reason") {
  CHECK(refusal("") == "the name is empty");
  CHECK(refusal(std::string(65, 'x')) == "the name is longer than 64 characters");
  CHECK(refusal(std::string(1'000'000, 'x')) == "the name is longer than 64 characters");
  CHECK(refusal("-x") == "the name \"-x\" starts with -");
  CHECK(refusal(" x") == "the name \" x\" starts or ends with a blank");
  CHECK(refusal("x ") == "the name \"x \" starts or ends with a blank");
  CHECK(refusal("Abcdefghij12") == "the name \"Abcdefghij12\" looks like an id");
  CHECK(refusal("a\nb") == "the name has a line break (U+000A) at position 2");
  CHECK(refusal("a\rb") == "the name has a line break (U+000D) at position 2");
  CHECK(refusal("a\u2028b") == "the name has a line break (U+2028) at position 2");
  CHECK(refusal("a\x1b[31mb") == "the name has a control character (U+001B) at position 2");
  CHECK(refusal("a\x7f") == "the name has a control character (U+007F) at position 2");
  CHECK(refusal("a\u009b") == "the name has a control character (U+009B) at position 2");
  CHECK(refusal(std::string("a\0b", 3)) == "the name has a control character (U+0000) at position 2");
  CHECK(refusal("a\u202eb") == "the name has a text direction (bidi) character (U+202E) at position 2");
  CHECK(refusal("\u2066b") == "the name has a text direction (bidi) character (U+2066) at position 1");
  CHECK(refusal("a\ufeffb") == "the name has an invisible character (U+FEFF) at position 2");
  for (const std::string unseen :
       {"\u034f", "\u115f", "\u3164", "\u2800", "\u00a0", "\u2003", "\u3000", "\u200d", "\ufe0f", "\u180e", "\u00ad"}) {
    CHECK(refusal(unseen).find("has an invisible character") != std::string::npos);
    CHECK(refusal("ci" + unseen).find("has an invisible character") != std::string::npos);
  }
  // Joiners and selectors that shape nothing: two names would look the same.
  for (const std::string alike :
       {"日\u200d本", "日本\u200d", "é\u200c", "é\ufe0f", "日\ufe00", "👩\u200d", "👩\u200dx", "👩\u200c💻",
        "👩\u200d\u200d💻", "❤\ufe0f\ufe0f", "1\ufe0f", "1\ufe0fx", "می\u200c", "\u200dमी", "a\u200d💻", "❤\ufe01"}) {
    CAPTURE(alike);
    CHECK(refusal(alike).find("has an invisible character") != std::string::npos);
  }
  CHECK(refusal("a\xff") == "the name is not valid UTF-8");
  CHECK(refusal("a\xc3") == "the name is not valid UTF-8");
  CHECK(refusal("a\xc0\x80") == "the name is not valid UTF-8");
  CHECK(refusal("a\xed\xa0\x80") == "the name is not valid UTF-8");
  const std::string token(draw_token("cpl", TokenKind::pat, draw_id()).text());
  CHECK(refusal(token) == "the name has a token in it");
}

TEST_CASE("descriptions may be empty and have 256 characters") {
  CHECK_NOTHROW(check_description(""));
  CHECK_NOTHROW(check_description(" -x, with blanks "));
  CHECK_NOTHROW(check_description("from ❤️ to 👩‍💻, 1️⃣"));
  CHECK_THROWS_AS(check_description("❤️\u202e"), Error);
  CHECK_THROWS_AS(check_description("👩‍💻\u200b"), Error);
  CHECK_NOTHROW(check_description(std::string(256, 'x')));
  CHECK_THROWS_AS(check_description(std::string(257, 'x')), Error);
  CHECK_THROWS_AS(check_description("two\nlines"), Error);
}

TEST_CASE("composed and decomposed spellings are one name") {
  CHECK(name_key("caf\u00e9") == name_key("cafe\u0301"));
  CHECK(name_key("a") != name_key("A"));
  CHECK(name_key("\xff") == "\xff");
}

TEST_CASE("escaped text holds no harm and keeps all else") {
  CHECK(escape("plain, 日本語 👩‍💻") == "plain, 日本語 👩‍💻");
  CHECK(escape("\x1b[31m\r\n\t") == "\\u{1B}[31m\\u{D}\\u{A}\\u{9}");
  CHECK(escape("\u202e\u009b\u2028") == "\\u{202E}\\u{9B}\\u{2028}");
  CHECK(escape("a\xff"
               "b\xc3") == "a\\x{FF}b\\x{C3}");
  CHECK(escape("abcdef", 3) == "abc...");
  CHECK(escape("") == "");
}
