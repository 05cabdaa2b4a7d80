#include "cli/json_writer.hpp"
#include "cli/token_view.hpp"
#include "cli/verdict_view.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace caplet;
using nlohmann::ordered_json;

namespace {

std::string written(std::string_view text) {
  std::string out;
  JsonWriter(out).text(text);
  return out;
}

} // namespace

TEST_CASE("what is written straight is what the library would write, and harms no screen") {
  for (const std::string text : {"", "plain", "\"quoted\"", "back\\slash", "tab\tnew\nline", "日本語 ü", "\x1b[31m",
                                 "a\xc2\x85"
                                 "b",
                                 "\xe2\x80\xae"
                                 "rtl",
                                 "\x7f"}) {
    CAPTURE(text);
    CHECK(ordered_json::parse(written(text)).get<std::string>() == text);
    CHECK(written(text) == json_line(text));
  }
  for (int c = 0; c < 0x80; ++c) {
    const std::string text(1, static_cast<char>(c));
    CHECK(ordered_json::parse(written(text)).get<std::string>() == text);
    CHECK((c >= ' ' && c <= '~') == (written(text).find(text) != std::string::npos && written(text).size() <= 4));
  }
  CHECK(ordered_json::parse(written("bad \xff utf-8")).is_string());
}

TEST_CASE("commas and brackets stand where they belong") {
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.key("a").open('[').close(']');
  json.key("b").texts({"x", "y"});
  json.key("c").open('{').key("d").null().key("e").boolean(true).close('}');
  json.key("f").number(18446744073709551615U).key("g").number_or_null(0).key("h").text_or_null("");
  json.key("i").time(Instant(std::chrono::seconds(0))).key("j").time(std::nullopt);
  json.close('}');
  CHECK(out == R"({"a":[],"b":["x","y"],"c":{"d":null,"e":true},"f":18446744073709551615,"g":null,"h":null,)"
               R"("i":"1970-01-01T00:00:00Z","j":null})");
}

TEST_CASE("a verdict has the same keys, whatever the answer") {
  Verdict unknown;
  Verdict known;
  known.reason = Reason::ok;
  known.token.emplace();
  known.token->meta = {{"team", "ops \"2\""}};
  const auto keys = [](const ordered_json& json) {
    std::vector<std::string> names;
    for (const auto& [name, value] : json.items()) {
      names.push_back(name);
    }
    return names;
  };
  CHECK(keys(to_json(unknown, "", {})) == keys(to_json(known, "ops", {})));
  CHECK(to_json(unknown, "", {})["id"].is_null());
  CHECK(to_json(known, "ops", {})["meta"]["team"] == "ops \"2\"");
}
