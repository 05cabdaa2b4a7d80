#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/token_finder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace caplet;

namespace {

std::string mint(std::string_view prefix = "cpl", TokenKind kind = TokenKind::pat) {
  return std::string(draw_token(prefix, kind, draw_id()).text());
}

struct Seen {
  std::string text;
  std::uint64_t offset;
  std::uint64_t line;
  std::uint64_t column;
  bool operator==(const Seen&) const = default;
};

/// What is found where the stream comes in chunks of this size.
std::vector<Seen> find(std::string_view stream, std::size_t chunk) {
  std::vector<Seen> seen;
  TokenFinder finder([&](const TokenSighting& each) {
    CHECK(each.parts.id == each.text.substr(each.parts.prefix.size() + 5, k_id_length));
    seen.push_back({std::string(each.text), each.offset, each.line, each.column});
  });
  while (stream.size() > chunk) {
    const std::string own(stream.substr(0, chunk)); // of its own: a view that outlives it is a defect that ASan sees
    finder.feed(own);
    stream.remove_prefix(chunk);
  }
  finder.feed_last(std::string(stream));
  return seen;
}

std::vector<Seen> find(std::string_view stream) { return find(stream, SIZE_MAX); }

/// The definition, without any cleverness: every range of bytes that is a token.
std::vector<Seen> find_slowly(std::string_view stream) {
  std::vector<Seen> seen;
  for (std::size_t end = 0; end <= stream.size(); ++end) {
    for (std::size_t length = k_longest_token; length >= 2 + k_body_length; --length) {
      if (length > end) {
        continue;
      }
      const std::size_t start = end - length;
      if (std::holds_alternative<TokenParts>(parse_token(stream.substr(start, length)))) {
        const std::string_view before = stream.substr(0, start);
        const auto last = before.rfind('\n');
        const std::string_view line = last == std::string_view::npos ? before : before.substr(last + 1);
        const auto characters = std::count_if(line.begin(), line.end(),
                                              [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
        seen.push_back({std::string(stream.substr(start, length)), start,
                        1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n')),
                        1 + static_cast<std::uint64_t>(characters)});
      }
    }
  }
  return seen;
}

std::string random_bytes(std::mt19937& random, std::size_t count) {
  std::string bytes(count, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
  return bytes;
}

} // namespace

TEST_CASE("a token is found whatever stands around it, with its line and column", "[find]") {
  const std::string token = mint();
  for (const auto& [before, after] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"T=", "\n"},
                                                        {"https://x:", "@example.org/"},
                                                        {"\"", "\""},
                                                        {"_", "_"},
                                                        {"my_", "_2"},
                                                        {"X", "X"},
                                                        {std::string("\0\xff\xfe", 3), std::string(3, '\0')},
                                                        {"a.b-", "abc0"},
                                                        {"_pat_", ""},
                                                        {"cpl_pat_", ""},
                                                        {"__pat__sat_", "_pat_"}}) {
    CAPTURE(before, after);
    const auto seen = find(before + token + after);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == token);
    CHECK(seen[0].offset == before.size());
  }
  CHECK(find("äöü " + token) == std::vector<Seen>{{token, 7, 1, 5}});
  CHECK(find("one\ntwo\n\n  " + token + "\n") == std::vector<Seen>{{token, 11, 4, 3}});
  CHECK(find("\r\n" + token + "\r\n") == std::vector<Seen>{{token, 2, 2, 1}});
}

TEST_CASE("a token's prefix is told from what stands before it by the checksum", "[find]") {
  for (const char* prefix : {"cpl", "ab", "a1", "abcdefghij", "x23456789z"}) {
    const std::string token = mint(prefix, TokenKind::sat);
    for (const char* before : {"", "x", "9", "token", "aaaaaaaaaaaaaaaa", "0123456789"}) {
      CAPTURE(prefix, before);
      const auto seen = find(before + token);
      REQUIRE(seen.size() == 1);
      CHECK(seen[0].text == token);
    }
  }
}

TEST_CASE("what is not a token with a right checksum is not found", "[find]") {
  const std::string token = mint();
  const auto count = [](const std::string& text) { return find(text).size(); };
  REQUIRE(count(token) == 1);
  for (std::size_t i = 0; i < token.size(); ++i) {
    CAPTURE(i);
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    CHECK(count(changed) == 0);
    CHECK(count(token.substr(0, i)) == 0);
    CHECK((i == 0 || count(token.substr(i)) == 0));
    CHECK(count(std::string(token).insert(i, 1, '\n')) == (i == 0 ? 1 : 0));
  }
  std::string upper = token;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c == 'c' ? 'C' : c; });
  CHECK(count(upper) == 0);
  const auto with_check = [](const std::string& text) {
    std::string check(k_check_length, '0');
    base62::encode(crc32(text), check);
    return text + check;
  };
  const std::string secret(k_secret_length, 'a');
  CHECK(count(with_check("cpl_pat_aaaaaaaaaaA1_" + secret)) == 1);
  CHECK(count(with_check("cpl_pat_aaaaaaaaaaaa_" + secret)) == 0); // no id looks like that
  CHECK(count(with_check("cpl_cat_aaaaaaaaaaA1_" + secret)) == 0); // no such kind
  CHECK(count(with_check("c_pat_aaaaaaaaaaA1_" + secret)) == 0);   // no such prefix
  CHECK(count(with_check("1pl_pat_aaaaaaaaaaA1_" + secret)) == 0);
}

TEST_CASE("where a stream is cut changes nothing", "[find]") {
  std::mt19937 random(2); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same streams each time
  std::size_t found = 0;
  for (int round = 0; round < 40; ++round) {
    std::string stream;
    for (int part = 0; part < 6; ++part) {
      switch (random() % 6) {
      case 0:
        stream += mint(random() % 2 == 0 ? "cpl" : "abcdefghij");
        break;
      case 1:
        stream += "ä" + mint() + mint() + "\n\n";
        break;
      case 2:
        stream += random_bytes(random, random() % 200);
        break;
      case 3:
        stream += std::string(random() % 100, 'a') + "_pat_" + std::string(random() % 80, 'B');
        break;
      case 4:
        stream += mint().substr(0, random() % 76);
        break;
      default:
        stream += std::string(random() % 3, '\n') + "_sat__pat_";
      }
    }
    const auto expected = find_slowly(stream);
    found += expected.size();
    for (std::size_t chunk = 1; chunk < 200; ++chunk) {
      CAPTURE(round, chunk);
      REQUIRE(find(stream, chunk) == expected);
    }
    CHECK(find(stream) == expected);
  }
  CHECK(found > 50);
}

TEST_CASE("a long line, many tokens, and a stream that is used again", "[find]") {
  const std::string token = mint();
  const std::string line = std::string(3'000'000, 'x') + " ";
  for (const std::size_t chunk : {std::size_t{4096}, std::size_t{65536}, SIZE_MAX}) {
    CHECK(find(line + token, chunk) == std::vector<Seen>{{token, line.size(), 1, line.size() + 1}});
  }
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += token;
  }
  CHECK(find(many, 1000).size() == 1000);
  CHECK(find(many).size() == 1000);

  std::vector<std::uint64_t> lines;
  TokenFinder finder([&](const TokenSighting& each) { lines.push_back(each.line); });
  finder.feed("\n\n" + token.substr(0, 40));
  finder.reset();
  finder.feed_last(token.substr(40));
  finder.reset();
  finder.feed_last("\n" + token);
  CHECK(lines == std::vector<std::uint64_t>{2});
}

TEST_CASE("random bytes hold no token", "[find]") {
  std::mt19937 random(3); // NOLINT(cert-msc32-c,cert-msc51-cpp)
  CHECK(find(random_bytes(random, 1 << 20), 10'000).empty());
  std::string digits(1 << 20, '_'); // of a token's characters alone
  for (char& c : digits) {
    c = random() % 8 == 0 ? "_pats"[random() % 5] : base62::k_alphabet[random() % 62];
  }
  CHECK(find(digits, 10'000).empty());
}
