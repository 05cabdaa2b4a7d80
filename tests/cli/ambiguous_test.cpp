#include "core/token.hpp"
#include "store/open_store.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace caplet::test {

// Ids are drawn, and two that start alike would take thousands of tokens: so they are put into the store behind its
// back.
TEST_CASE("an id's front that fits two tokens is refused, and both are named", "[selectors]") {
  Sandbox sandbox;
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  REQUIRE(launch(sandbox.caplet({"init"})).status == 0);
  Location location;
  location.store = sandbox.work() / "s" / "store.db";
  location.key = sandbox.work() / "s" / "key";
  {
    const auto store = open_store(location);
    const auto change = store->begin();
    for (const char* id : {"aB3dE6gH9jK2", "aB3dE6gH9jK3"}) {
      Token token;
      token.id = id;
      token.name = std::string("name of ") + id;
      token.account = store->info().account;
      change->insert(token);
    }
    change->commit();
  }
  const std::string before = describe_tree(sandbox.work());
  for (const char* front : {"aB3d", "aB3dE6gH9jK"}) {
    CAPTURE(front);
    for (const char* command : {"show", "delete"}) {
      const Outcome outcome = launch(sandbox.caplet({"token", command, front}));
      CHECK(outcome.status == 5);
      CHECK(outcome.out.empty());
      CHECK(outcome.err == std::string("caplet: error: more than one token's id starts with ") + front +
                               "\ncaplet: hint: one of: aB3dE6gH9jK2 (name of aB3dE6gH9jK2), aB3dE6gH9jK3 (name of "
                               "aB3dE6gH9jK3)\n");
    }
  }
  CHECK(launch(sandbox.caplet({"token", "show", "aB3"})).status == 5); // too short to be a front
  CHECK(describe_tree(sandbox.work()) == before);
  CHECK(launch(sandbox.caplet({"token", "show", "aB3dE6gH9jK3"})).status == 0);
}

} // namespace caplet::test
