#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace caplet::test {
namespace {

using nlohmann::json;
using namespace std::string_literals;

/// What no output may hold: C0 but for the line break, DEL, C1, and what turns or breaks lines. Tabs only in tsv.
bool is_clean(const std::string& text, bool tabs) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\n' && !(tabs && c == '\t')) || c == 0x7F) {
      return false;
    }
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return false; // C1
    }
  }
  constexpr std::array k_harmful{"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068",
                                 "\u2069", "\u200e", "\u200f", "\u061c", "\u2028", "\u2029", "\ufeff"};
  return std::none_of(k_harmful.begin(), k_harmful.end(),
                      [&](const char* each) { return text.find(each) != std::string::npos; });
}

std::vector<std::string> hostile_strings() {
  std::vector<std::string> all{
      "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\a", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
      "\x1b]52;c;ZXZpbA==\a", "\x1bP1$r0m\x1b\\", "\x1b[?1049h", "\x1b[6n", "\x1b", "\u009b31mred", "\u009d8;;x\u009c",
      "\u0085next", "\u202egnp.exe", "\u2066x\u2069", "\u200eleft", "\u200fright", "\u061carabic", "a\u2028b",
      "a\u2029b", "\ufeffbom", "a\u200bb", "a\u2060b", "a\u00adb", "\U000e0041tag",
      "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F3F4\U000E0067\U000E007F", "\U0001F1E9\U0001F1EA",
      "\u2764\ufe0f", "e\u0301\u0301\u0301\u0301\u0301", "Z\u0351\u036b\u0343\u036a\u0302a\u0356l\u0321go", "مرحبا",
      "שלום", "日本語", "नमस्ते", "Ωμέγα", "ﷺ", "ß", "İi", "ﬁ", "a\nb", "a\r\nb", "\r", "\n", "a\tb", "\b\b\b\b", "a\vb",
      "a\fb", "\x7f", "\x01", "\x1f", "", " ", "  x", "x  ", "-", "--", "-n", "--hlep", "-rf /", "--name=x",
      "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "=HYPERLINK(\"http://evil\")", "'; DROP TABLE record; --", "\"",
      "'", "`id`", "$(id)", "${HOME}", "%s%n%x", "%", "\\", "\\n", "\\u{1B}", "\\x{FF}", "a,b;c", "<b>x</b>", "&amp;",
      "{\"a\":1}", "[]", "null", "true", "NaN", "0", "1e999", "../../etc/passwd", "/etc/passwd", "con", "a|b", "a│b",
      "┌──┐", "*", "?", "~", "!", "#x", ":", "…", "\xff", "\xfe\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
      "\xe6\x97", "\x80", "\xc3", "\xf0\x9f\x94",
      "ok\xff"
      "after",
      "\uffff", "\ufffe", "\U0010ffff", "\ue000private", "\ufdd0", "aB3dE6gH9jK2", "000000000000", "cpl_pat_",
      "cpl_pat_aB3dE6gH9jK2", "caplet: error: fake", "Success! Your token:", std::string(64, 'x'), std::string(65, 'x'),
      std::string(255, 'y'), std::string(257, 'y'), std::string(100'000, 'z'),
      // The kernel takes 128 KiB in one argument: MAX_ARG_STRLEN, execve(2).
      std::string(131'000, '\x1b'), std::string(131'000, '\xff')};
  for (int c = 1; c < 0x20; ++c) {
    all.push_back("c"s + static_cast<char>(c) + "d");
  }
  for (int c = 0x80; c < 0xA0; ++c) {
    all.push_back("c\xc2"s + static_cast<char>(c) + "d");
  }
  for (int c = 0xF0; c < 0x100; ++c) {
    all.push_back("c"s + static_cast<char>(c) + "d");
  }
  return all;
}

/// Runs caplet, and holds its output to the rule for all output.
Outcome run_clean(const Sandbox& sandbox, const std::vector<std::string>& arguments, bool tabs = false) {
  Outcome outcome = launch(sandbox.caplet(arguments));
  CHECK_FALSE(outcome.late);
  CHECK(outcome.status < 126);
  CHECK(is_clean(outcome.out, tabs));
  CHECK(is_clean(outcome.err, false));
  CHECK(outcome.err.size() < 4096); // an error does not recite what it refuses
  return outcome;
}

} // namespace

TEST_CASE("hostile names and descriptions are refused, or come out harmless in every format", "[hostile]") {
  const auto strings = hostile_strings();
  REQUIRE(strings.size() >= 200);
  REQUIRE_FALSE(is_clean("\x1b", false));
  REQUIRE_FALSE(is_clean("\u009b", false));
  REQUIRE_FALSE(is_clean("\u202e", false));
  Sandbox sandbox;
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  REQUIRE(launch(sandbox.caplet({"init"})).status == 0);
  std::set<std::string> names;
  std::set<std::string> descriptions;
  std::size_t count = 0;
  for (const std::string& text : strings) {
    CAPTURE(text.substr(0, 100), text.size());
    const Outcome named = run_clean(sandbox, {"token", "create", "-n", text});
    CHECK((named.status == 0 || named.status == 2));
    CHECK((named.status == 0) == named.err.starts_with("Success!"));
    if (named.status == 0) {
      names.insert(text);
    } else {
      CHECK(named.err.find("caplet: hint: ") != std::string::npos);
    }
    const Outcome described = run_clean(sandbox, {"token", "create", "-n", "d" + std::to_string(count++), "-d", text});
    CHECK((described.status == 0 || described.status == 2));
    if (described.status == 0) {
      descriptions.insert(text);
    }
    if (named.status == 0) {
      const Outcome shown = run_clean(sandbox, {"token", "show", "--", text});
      CHECK(shown.status == 0);
      const Outcome json_shown = run_clean(sandbox, {"token", "show", "-o", "json", "--", text});
      CHECK(json::parse(json_shown.out)["name"] == text);
    } else if (!text.starts_with('-')) {
      CHECK(run_clean(sandbox, {"token", "show", "--", text}).status != 0);
    }
  }
  CHECK(names.size() > 50);
  CHECK(names.contains("=cmd|' /C calc'!A0"));
  CHECK(names.contains("日本語"));
  CHECK_FALSE(names.contains("\x1b"));

  run_clean(sandbox, {"token", "list"});
  run_clean(sandbox, {"token", "list", "-o", "name"});
  run_clean(sandbox, {"token", "list", "-o", "tsv"}, true);
  run_clean(sandbox, {"token", "list", "-o", "jsonl"});
  std::set<std::string> names_read;
  std::set<std::string> descriptions_read;
  for (const json& token : json::parse(run_clean(sandbox, {"token", "list", "-o", "json"}).out)) {
    names_read.insert(token["name"].get<std::string>());
    descriptions_read.insert(token["description"].get<std::string>());
  }
  CHECK(std::includes(names_read.begin(), names_read.end(), names.begin(), names.end()));
  CHECK(descriptions_read == descriptions);
}

TEST_CASE("hostile words elsewhere on the command line come back escaped", "[hostile]") {
  Sandbox sandbox;
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  REQUIRE(launch(sandbox.caplet({"token", "create", "-n", "a"})).status == 0);
  for (const char* text : {"\x1b[31mred", "\u009b31m", "\u202egnp", "a\nb", "\xff\xfe", "\x7f", "\r\rx"}) {
    CAPTURE(text);
    const std::vector<std::vector<std::string>> lines{
        {text},
        {"token", text},
        {"token", "list", text},
        {"token", "list", std::string("--") + text},
        {"token", "list", "-o", text},
        {"token", "list", "--color", text},
        {"token", "show", text},
        {"token", "show", "a", "--field", text},
        {"token", "delete", text, text},
        {"token", "create", "-n", "b", "-e", text},
        {"verify", "--token", text},
        {"verify", "--token-file", text},
        {"verify", "--token-fd", text},
        {"token", "inspect", "--token", text},
        {"help", text},
        {"scan", text},
        {"scan", "-o", "sarif", std::string("nowhere/") + text},
        {"scan", "--git", text},
        {"scan", "--prefix", text, "."},
        {"scan", "--rules", text},
        {"scan", "--max-binary", text, "."},
        {"init", "--prefix", text},
        {"init", "--account", text},
    };
    for (const auto& line : lines) {
      CAPTURE(line);
      CHECK(run_clean(sandbox, line).status != 0);
    }
    Sandbox elsewhere;
    elsewhere.environment["CAPLET_HOME"] = text;
    CHECK(run_clean(elsewhere, {"token", "list"}).status == 2);
    elsewhere.environment["CAPLET_HOME"] = "/" + std::string(text);
    CHECK(run_clean(elsewhere, {"token", "list"}).status == 6);
  }
}

} // namespace caplet::test
