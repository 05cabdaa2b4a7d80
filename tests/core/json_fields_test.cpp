#include "core/json_fields.hpp"

#include <catch2/catch.hpp>

using namespace caplet;

TEST_CASE("a JSON object is read field by field") {
  JsonFields fields(
      R"( {"text":"a","number":18446744073709551615,"nothing":null,"list":["x","y"],"empty":[],"hex":"00ff"} )");
  CHECK(fields.text("text") == "a");
  CHECK(fields.number("number") == 18446744073709551615U);
  CHECK(fields.text_or_null("nothing").empty());
  CHECK(fields.list("list") == std::vector<std::string>{"x", "y"});
  CHECK(fields.list("empty").empty());
  std::array<unsigned char, 2> bytes{};
  fields.hex("hex", bytes);
  CHECK(bytes == std::array<unsigned char, 2>{0, 0xFF});
  CHECK_NOTHROW(fields.done());
  CHECK_THROWS_AS(fields.text("text"), BadJson); // taken
}

TEST_CASE("what is not a JSON object of plain fields is refused") {
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  "null"s,
                                  "[]"s,
                                  "{"s,
                                  "{}{}"s,
                                  "{} x"s,
                                  R"({"a":1,"a":2})"s,
                                  R"({"a":1,"\u0061":2})"s,
                                  R"({"a":-1})"s,
                                  R"({"a":1.0})"s,
                                  R"({"a":true})"s,
                                  R"({"a":{}})"s,
                                  R"({"a":[1]})"s,
                                  R"({"a":[null]})"s,
                                  R"({"a":[["x"]]})"s,
                                  R"({"a":[{}]})"s,
                                  R"({"a":["x"})"s,
                                  "{\"a\":\"\xFF\"}"s,
                                  "\xEF\xBB\xBF{}"s,
                                  "{}\0"s,
                                  "{}\0{"s,
                                  "{\"a\":\"\0\"}"s}) {
    INFO(text);
    CHECK_THROWS_AS(JsonFields(text), BadJson);
  }
  JsonFields fields(R"({"text":"a","list":["x"],"more":1})");
  CHECK_THROWS_AS(fields.number("text"), BadJson);
  CHECK_THROWS_AS(fields.text("list"), BadJson);
  CHECK_THROWS_AS(fields.list("more"), BadJson);
  CHECK_THROWS_AS(JsonFields(R"({"more":1})").done(), BadJson);
}
