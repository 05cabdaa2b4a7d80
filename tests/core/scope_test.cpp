#include "core/scope.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

TEST_CASE("what is a scope and what is none") {
  for (const std::string good : {"run:deploy", "a", "*", "orders:*", "*:read", "A.b-c_9:x", "run:Iw4WNbSJDMBk"}) {
    INFO(good);
    CHECK(is_scope(good));
    CHECK(refusal_of([&] { check_scope(good); }).empty());
  }
  std::string many_words = "a";
  for (int i = 0; i < 15; ++i) {
    many_words += ":a";
  }
  CHECK(is_scope(many_words));
  for (const std::string& bad :
       {std::string(), std::string(":"), std::string("a:"), std::string(":a"), std::string("a::b"), std::string("a b"),
        std::string("a:b*"), std::string("**"), std::string("a:\x1b[31m"), std::string("a\n"), std::string("caf\u00e9"),
        std::string("a\0b", 3), std::string(65, 'a'), many_words + ":a", std::string(300, 'a'), std::string("a,b")}) {
    INFO(bad);
    CHECK_FALSE(is_scope(bad));
    CHECK_FALSE(refusal_of([&] { check_scope(bad); }).empty());
  }
}

TEST_CASE("what a scope covers") {
  struct Row {
    std::string grant, wanted;
    bool covered;
  };
  const std::vector<Row> rows{
      {"run:deploy", "run:deploy", true},
      {"run:deploy", "run:deploy2", false},
      {"run:deploy", "run", false},
      {"run", "run:deploy", false},
      {"run:deploy", "Run:deploy", false},
      {"run:*", "run:deploy", true},
      {"run:*", "run:a:b:c", true},
      {"run:*", "run", false},
      {"run:*", "ran:deploy", false},
      {"*", "run", true},
      {"*", "run:deploy:x", true},
      {"*:read", "orders:read", true},
      {"*:read", "orders:write", false},
      {"*:read", "a:b:read", false},
      {"a:*:c", "a:b:c", true},
      {"a:*:c", "a:b:d", false},
      {"a:*:c", "a:c", false},
      {"a:*:*", "a:b:c:d", true},
      {"a:*:*", "a:b", false}, // what is wanted may have wildcards itself
      {"*", "*", true},
      {"a:*", "a:*", true},
      {"a:*", "a:*:c", true},
      {"a:*", "*", false},
      {"a:b", "a:*", false},
      {"*:b", "*:b", true},
      {"a:b", "*:b", false},
      {"*:*", "*", false},
      {"a:*:c", "a:*", false},
      {"a:*:c", "a:*:c", true},
      {"*:read", "*", false},
      {"*:*", "a:*", true},
  };
  for (const Row& row : rows) {
    INFO(row.grant << " for " << row.wanted);
    CHECK(covers(row.grant, row.wanted) == row.covered);
  }
}

TEST_CASE("scopes of a token: each once, and not too many") {
  CHECK(checked_scopes({"a", "b", "a"}) == std::vector<std::string>{"a", "b"});
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= k_most_scopes; ++i) {
    many.push_back("a:" + std::to_string(i));
  }
  CHECK_FALSE(refusal_of([&] { checked_scopes(many); }).empty());
  many.pop_back();
  CHECK(checked_scopes(many).size() == k_most_scopes);
  CHECK(refusal_of([] { checked_scopes({"a b"}); }) == "\"a b\" is not a scope");
}
