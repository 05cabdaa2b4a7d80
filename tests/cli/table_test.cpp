#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "tests/cli/process.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace caplet {
namespace {

using enum Table::Shrink;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

Table two_columns(const std::string& first, const std::string& second) {
  Table table;
  table.column("ID").column("Name", allowed);
  table.row({{first}, {second}});
  return table;
}

} // namespace

TEST_CASE("display width counts columns, not bytes", "[table]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("e\u0301") == 1);      // combining accent
  CHECK(display_width("日本語") == 6);       // wide
  CHECK(display_width("한국어") == 6);       // wide
  CHECK(display_width("ａ") == 2);           // full width
  CHECK(display_width("ｱ") == 1);            // half width
  CHECK(display_width("\U0001F511") == 2);   // emoji
  CHECK(display_width("a\u200Db") == 2);     // zero width joiner
  CHECK(display_width("\u05E9\u05C1") == 1); // Hebrew point
  CHECK(display_width("…") == 1);
}

TEST_CASE("a mark that takes a place of its own has a column", "[table]") {
  CHECK(display_width("हिन्दी") == 5);
  CHECK(display_width("தமிழ்") == 4);
  CHECK(display_width("বাংলা") == 5);
  CHECK(display_width("မြန်မာ") == 5);
  CHECK(display_width("\u1112\u1161\u11AB") == 2); // a Korean syllable in its parts
  CHECK(cut("हिन्दी", 4, "…") == "हिन्…");
  CHECK(cut("हिन्दी", 2, "…") == "…"); // a letter and its sign stay together
}

TEST_CASE("an emoji of several characters takes two columns", "[table]") {
  for (const char* emoji : {"❤️", "👩‍💻", "👍🏽", "👩🏽‍💻", "👨‍👩‍👧‍👦",
                            "🏳️‍🌈", "🏴‍☠️", "1️⃣", "🇩🇪", "©️"}) {
    CAPTURE(emoji);
    CHECK(display_width(emoji) == 2);
    CHECK(display_width("a" + std::string(emoji) + "b") == 4);
    CHECK(cut(std::string(emoji) + "abc", 4, "…") == std::string(emoji) + "a…");
    CHECK(cut("a" + std::string(emoji) + "bc", 3, "…") == "a…"); // all of it or nothing
  }
  CHECK(display_width("❤") == 1);
  CHECK(display_width("©") == 1);
  CHECK(display_width("1\uFE0F2") == 2);
}

// Debian's, which counts code points alone.
TEST_CASE("display width is what Python's wcwidth says of texts in many scripts", "[table]") {
  const std::vector<std::string> texts{"हिन्दी में टोकन", "தமிழ் டோக்கன்", "বাংলা টোকেন", "မြန်မာ တိုကင်", "ಕನ್ನಡ",
                                       "മലയാളം",       "తెలుగు",      "ગુજરાતી",      "ਪੰਜਾਬੀ",     "සිංහල",
                                       "ខ្មែរ",         "ไทย",        "བོད་སྐད",       "العربية",   "עִבְרִית",
                                       "Ελληνικά",     "ქართული",    "日本語",      "한국어",    "caf\u00e9 cafe\u0301",
                                       "\U0001F511",   "ᬩᬮᬶ",         "ꦗꦮ"};
  test::Launch what;
  what.program = "/usr/bin/python3";
  what.words = {"python3", "-c", "import sys, wcwidth; [print(wcwidth.wcswidth(each)) for each in sys.argv[1:]]"};
  what.words.insert(what.words.end(), texts.begin(), texts.end());
  what.environment = {{"LANG", "C.UTF-8"}};
  what.directory = "/";
  const auto outcome = test::launch(what);
  REQUIRE(outcome.status == 0);
  const auto widths = lines_of(outcome.out);
  REQUIRE(widths.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CAPTURE(texts[i]);
    CHECK(std::to_string(display_width(texts[i])) == widths[i]);
  }
}

TEST_CASE("bytes that are no UTF-8 take a column each", "[table]") {
  CHECK(display_width("\xff") == 1);
  CHECK(display_width("a\xe6\x97") == 3);
}

TEST_CASE("cut keeps whole characters within the columns", "[table]") {
  CHECK(cut("abcdef", 6, "…") == "abcdef");
  CHECK(cut("abcdefg", 6, "…") == "abcde…");
  CHECK(cut("abcdefg", 6, "...") == "abc...");
  CHECK(cut("日本語", 6, "…") == "日本語");
  CHECK(cut("日本語", 5, "…") == "日本…");
  CHECK(cut("日本語", 4, "…") == "日…"); // half a wide character is none
  CHECK(cut("e\u0301e\u0301e\u0301", 2, "…") == "e\u0301…");
  CHECK(cut("", 0, "…").empty());
}

TEST_CASE("cut is never wider than asked, for any text and width that leaves room for the mark", "[table]") {
  for (const char* text :
       {"plain text", "日本語のトークン", "e\u0301\u0302a\u0301", "\U0001F511 key \U0001F511", "a\xff日"}) {
    for (std::size_t columns = 1; columns < 20; ++columns) {
      CAPTURE(text, columns);
      CHECK(display_width(cut(text, columns, "…")) <= columns);
    }
  }
}

TEST_CASE("a table is drawn as it should look", "[table]") {
  CHECK(two_columns("1", "日本").draw({.utf8 = true}) == "┌────┬──────┐\n"
                                                         "│ ID │ Name │\n"
                                                         "├────┼──────┤\n"
                                                         "│ 1  │ 日本 │\n"
                                                         "└────┴──────┘\n");
  CHECK(two_columns("1", "ci").draw({.utf8 = false}) == "+----+------+\n"
                                                        "| ID | Name |\n"
                                                        "+----+------+\n"
                                                        "| 1  | ci   |\n"
                                                        "+----+------+\n");
}

TEST_CASE("a colour takes no columns", "[table]") {
  Table table;
  table.column("State");
  table.row({{"ok", Style::green}});
  CHECK(lines_of(table.draw({.utf8 = false, .color = true}))[3] == "| \x1b[32mok\x1b[0m    |");
  CHECK(table.draw({.utf8 = false, .color = false}).find('\x1b') == std::string::npos);
}

TEST_CASE("a narrow terminal cuts the columns that may be cut", "[table]") {
  const Table table = two_columns("aB3dE6gH9jK2", "a rather long name for a token");
  CHECK_FALSE(table.fits(26)); // the narrowest: 12 for the id, 8 for the other, 7 for lines and blanks
  for (std::size_t width = 27; width < 60; ++width) {
    CAPTURE(width);
    CHECK(table.fits(width));
    const auto lines = lines_of(table.draw({.utf8 = true, .color = false, .width = width}));
    for (const std::string& line : lines) {
      CHECK(display_width(line) <= width);
      CHECK(display_width(line) == display_width(lines.front()));
    }
    CHECK(lines[3].find("aB3dE6gH9jK2") != std::string::npos); // an id is never cut
    CHECK((lines[3].find("…") != std::string::npos) == (width < 49));
  }
}

TEST_CASE("a narrower terminal loses columns by their rank, and then gets paragraphs", "[table]") {
  using enum Table::Rank;
  Table table;
  table.column("ID").column("Name", allowed).column("Description", allowed, first).column("Kind", never, middle);
  table.row({{"aB3dE6gH9jK2"}, {"日本語 a rather long name"}, {"what it is for, in several words"}, {"pat"}});
  table.row({{"bB3dE6gH9jK2"}, {"ci"}, {""}, {"sat"}});
  const auto drawn = [&](std::size_t width) { return table.draw({.utf8 = true, .color = false, .width = width}); };
  CHECK(drawn(45).find("Descrip…") != std::string::npos); // 12 + 8 + 8 + 4, and 13 for lines and blanks
  CHECK(drawn(44).find("Descrip") == std::string::npos);
  CHECK(drawn(44).find("Kind") != std::string::npos);
  CHECK(drawn(33).find("Kind") == std::string::npos);
  CHECK(drawn(24).find("│ aB3dE6gH9jK2 │ 日本… │") != std::string::npos);
  CHECK(drawn(23).starts_with("ID\n  aB3dE6gH9jK2\nName\n  日本語 a rather long\n  name\n"));
  CHECK(drawn(23).ends_with("Kind\n  pat\n\nID\n  bB3dE6gH9jK2\nName\n  ci\nKind\n  sat\n"));
}

TEST_CASE("a table is never wider than a terminal of 20 columns or more", "[table]") {
  Table table;
  table.column("ID").column("Description", allowed, Table::Rank::first).column("Expires");
  table.row({{"aB3dE6gH9jK2"},
             {"日本語日本語日本語 👩‍💻 हिन्दी"},
             {"Jan 10 2023 11:55 (expired)"}});
  table.row({{"bB3dE6gH9jK2"}, {std::string(100, 'x')}, {"never"}});
  for (std::size_t width = 20; width < 120; ++width) {
    CAPTURE(width);
    for (const std::string& line : lines_of(table.draw({.utf8 = true, .color = false, .width = width}))) {
      CHECK(display_width(line) <= width);
    }
  }
  for (const std::size_t width : {0U, 1U}) {
    CHECK(table.draw({.utf8 = false, .color = false, .width = width}).find("bB3dE6gH9jK2") != std::string::npos);
  }
}

} // namespace caplet
