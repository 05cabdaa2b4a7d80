// The audit log as it is read, and the full check that names what is wrong and where.

#include "core/error.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

std::vector<Event> events_of(Fixture& f) {
  std::vector<Event> events;
  f.authority->each_event(f.owner, 0, [&](const Event& event) {
    events.push_back(event);
    return true;
  });
  return events;
}

/// What the check says after `sql`, one "place: what" each.
std::vector<std::string> problems_after(const Fixture& f, const std::string& sql) {
  const Location location = f.home.location();
  const std::string whole = slurp(location.store);
  run_sql(location, sql);
  std::vector<std::string> problems;
  for (const auto& problem : open_store(location, Opening::for_check)->check({}).problems) {
    problems.push_back(problem.place + ": " + problem.what);
  }
  spit(location.store, whole);
  return problems;
}

} // namespace

TEST_CASE("every change has its event, with who did it to what") {
  Fixture f;
  const Issued master = f.issue("master");
  const Actor actor = f.authority->authenticate(master.secret.text(), 1000);
  const Issued child = f.authority->issue(actor, {"child", "", std::nullopt});
  f.authority->revoke(f.owner, "child", {"laptop lost"});
  f.reopen();
  const auto events = events_of(f);
  REQUIRE(events.size() == 4);
  CHECK(events[0].action == "store.create");
  CHECK(events[1].action == "account.pat.mint");
  CHECK(events[1].actor_kind == Actor::Kind::owner);
  CHECK(events[1].actor_name == "tester");
  CHECK(events[2].actor_kind == Actor::Kind::token);
  CHECK(events[2].actor_id == master.token.id);
  CHECK(events[2].actor_name == "master");
  CHECK(events[2].os_uid == 1000);
  CHECK(events[2].target_id == child.token.id);
  CHECK(events[3].action == "account.pat.revoke");
  CHECK(events[3].reason == "laptop lost");
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK(events[i].seq == i + 1);
  }
}

TEST_CASE("a scoped token does not read the log") {
  Fixture f;
  Actor scoped = f.owner;
  scoped.may_manage = false;
  CHECK_THROWS_AS(f.authority->each_event(scoped, 0, [](const Event&) { return true; }), Error);
}

TEST_CASE("a sound store is found sound, with everything counted") {
  Fixture f;
  for (int i = 0; i < 600; ++i) { // more than one batch
    f.issue(fmt::format("token-{}", i));
  }
  const CheckReport report = f.store->check({});
  CHECK(report.problems.empty());
  CHECK(report.records == 603); // settings, keyring, account
  CHECK(report.events == 601);
  CHECK(std::to_string(report.pages) == query_sql(f.home.location(), "PRAGMA page_count"));
  CHECK(events_of(f).size() == 601);
  // In a store of this size, a deleted record is not found by opening it: that is what the check is for.
  run_sql(f.home.location(), "DELETE FROM record WHERE seq = 300");
  const auto store = open_store(f.home.location());
  REQUIRE(store->check({}).problems.size() == 1);
  CHECK(store->check({}).problems.front().place == "records");
}

TEST_CASE("a store that others changed since it was opened is found sound") {
  Fixture f;
  const auto other = open_store(f.home.location());
  f.issue("one");
  f.issue("two");
  const CheckReport report = other->check({});
  CHECK(report.problems.empty());
  CHECK(report.records == 5);
  f.authority->revoke(f.owner, "one");
  CHECK(other->backup(f.home.path() / "backup.db", {}).problems.empty());
}

TEST_CASE("the check names each problem and where it is") {
  Fixture f;
  for (const std::string name : {"one", "two", "three"}) {
    f.issue(name);
  }
  const std::string elsewhere =
      "records: deleted, added or put back to an older version: the store remembers 6 records "
      "in another state";
  const std::string other_history =
      "anchor: the store has another history than this machine has seen: its audit log differs at event 4";
  const auto after = [&](const std::string& sql) { return problems_after(f, sql); };
  using List = std::vector<std::string>;
  CHECK(after("SELECT 1") == List{});
  CHECK(after("UPDATE event SET sealed = zeroblob(length(sealed)) WHERE seq = 2") ==
        List{"event 2: damaged or tampered with"});
  CHECK(after("UPDATE event SET link = zeroblob(32) WHERE seq = 2") ==
        List{"event 2: not linked to the one before", "event 3: not linked to the one before"});
  CHECK(after("DELETE FROM event WHERE seq = 2") ==
        List{"event 2: missing: the next one is 3", "event 3: not linked to the one before"});
  CHECK(after("DELETE FROM event WHERE seq = 4") ==
        List{"event 4: the log ends here, and the store remembers 4 events", other_history});
  CHECK(after("DELETE FROM event") ==
        List{"event 1: the log ends here, and the store remembers 4 events", other_history});
  CHECK(after("INSERT INTO event SELECT 5, epoch, sealed, link FROM event WHERE seq = 4") ==
        List{"event 5: damaged or tampered with", "event 6: the log ends here, and the store remembers 4 events"});
  CHECK(after("UPDATE event SET sealed = (SELECT sealed FROM event WHERE seq = 2) WHERE seq = 3") ==
        List{"event 3: damaged or tampered with"});
  CHECK(after("DELETE FROM record WHERE seq = 5") == List{elsewhere});
  CHECK(after("UPDATE record SET sealed = zeroblob(length(sealed)) WHERE seq = 5") ==
        List{"record 5: damaged or tampered with", elsewhere});
  CHECK(after("UPDATE record SET kind = 9 WHERE seq = 5") == List{"record 5: damaged or tampered with", elsewhere});
}

TEST_CASE("a damaged event is not passed over when the log is read") {
  Fixture f;
  f.issue("one");
  f.issue("two");
  run_sql(f.home.location(), "UPDATE event SET sealed = zeroblob(length(sealed)) WHERE seq = 2");
  f.reopen();
  CHECK_THROWS_AS(events_of(f), Error);
}
