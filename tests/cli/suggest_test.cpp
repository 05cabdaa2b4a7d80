#include "cli/suggest.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace caplet {

TEST_CASE("the nearest word is meant", "[suggest]") {
  const std::vector<std::string_view> words{"create", "delete", "list", "ls", "show", "inspect", "verify"};
  CHECK(closest("creat", words) == "create");   // one missing
  CHECK(closest("createe", words) == "create"); // one too many
  CHECK(closest("crezte", words) == "create");  // one wrong
  CHECK(closest("craete", words) == "create");  // two swapped
  CHECK(closest("lsit", words) == "list");      // a swap is one step, not two
  CHECK(closest("verfiy", words) == "verify");
  CHECK(closest("show", words) == "show");
}

TEST_CASE("a word that was begun is meant", "[suggest]") {
  CHECK(closest("tok", {"audit", "token"}) == "token");
  CHECK(closest("vers", {"verify", "version"}) == "version");
  CHECK(closest("re", {"remove"}) == "remove");
  CHECK(closest("r", {"remove"}).empty());                // says too little
  CHECK(closest("conf", {"config", "cont"}) == "config"); // a slip is no nearer
  CHECK(closest("list", {"listen", "list"}) == "list");
}

TEST_CASE("what is not near is not meant", "[suggest]") {
  const std::vector<std::string_view> words{"create", "delete", "list"};
  CHECK(closest("", words).empty());
  CHECK(closest("xyzzy", words).empty());
  CHECK(closest("q", {"list", "show"}).empty());
  CHECK(closest("create", {}).empty());
  CHECK(closest(std::string(100000, 'a'), words).empty()); // and that at once
}

TEST_CASE("the first of equally near words is meant", "[suggest]") {
  CHECK(closest("aac", {"aaa", "aab"}) == "aaa");
  CHECK(closest("aac", {"aab", "aaa"}) == "aab");
}

} // namespace caplet
