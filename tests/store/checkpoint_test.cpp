// What the store signs, and what its check says of the log alone.

#include "core/checkpoint.hpp"
#include "core/error.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace caplet;
using namespace caplet::test;

namespace {

Checkpoint opened(const SignedCheckpoint& made, const AuditKey& key) {
  return open_checkpoint(parse_checkpoint(made.note), key);
}

} // namespace

TEST_CASE("the store signs the head of its log, whoever wrote it") {
  Fixture f;
  const AuditKey key = f.authority->audit_key(f.owner);
  const SignedCheckpoint first = f.authority->checkpoint(f.owner);
  CHECK(opened(first, key) == first.checkpoint);
  CHECK(first.checkpoint.origin == key.name);
  CHECK(first.checkpoint.size == 1);
  const auto other = open_store(f.home.location()); // another process, as far as the store can tell
  Authority(*other, f.clock).issue(f.owner, {"one", "", std::nullopt});
  const Checkpoint second = opened(f.authority->checkpoint(f.owner), key);
  CHECK(second.size == 2);
  CHECK(f.authority->audit_link(f.owner, 2) == second.head);
  CHECK(f.authority->audit_link(f.owner, 1) == first.checkpoint.head);
  CHECK(f.authority->audit_link(f.owner, 0) == Digest{});
  CHECK(f.authority->audit_link(f.owner, 3) == std::nullopt);
}

TEST_CASE("the signing key and the links stay through a rekey") {
  Fixture f;
  const AuditKey key = f.authority->audit_key(f.owner);
  const SignedCheckpoint before = f.authority->checkpoint(f.owner);
  Event event;
  event.time = f.clock.now();
  f.store->rekey({}, event, {});
  f.reopen();
  CHECK(f.authority->audit_key(f.owner) == key);
  CHECK(f.authority->audit_link(f.owner, before.checkpoint.size) == before.checkpoint.head);
  CHECK(opened(f.authority->checkpoint(f.owner), key).size == before.checkpoint.size + 1);
}

TEST_CASE("two stores sign with two keys") {
  Fixture f;
  Fixture g;
  CHECK_FALSE(f.authority->audit_key(f.owner).public_key == g.authority->audit_key(g.owner).public_key);
  CHECK_THROWS_AS(opened(f.authority->checkpoint(f.owner), g.authority->audit_key(g.owner)), Error);
}

TEST_CASE("a scoped token signs and checks nothing") {
  Fixture f;
  Actor scoped = f.owner;
  scoped.may_manage = false;
  CHECK_THROWS_AS(f.authority->checkpoint(scoped), Error);
  CHECK_THROWS_AS(f.authority->audit_key(scoped), Error);
  CHECK_THROWS_AS(f.authority->audit_link(scoped, 1), Error);
  CHECK_THROWS_AS(f.authority->check_audit(scoped, {}), Error);
}

TEST_CASE("the check of the log is about the log") {
  Fixture f;
  for (int i = 0; i < 600; ++i) { // more than one batch, and more than is compared when a store is opened
    f.issue(fmt::format("token-{}", i));
  }
  CHECK(f.authority->check_audit(f.owner, {}).events == 601);
  CHECK(f.authority->check_audit(f.owner, {}).problems.empty());
  run_sql(f.home.location(), "DELETE FROM record WHERE seq = 300");
  f.reopen();
  CHECK(f.authority->check_audit(f.owner, {}).problems.empty());
  run_sql(f.home.location(), "UPDATE event SET link = zeroblob(32) WHERE seq = 601");
  const auto store = open_store(f.home.location(), Opening::for_check);
  const CheckReport report = store->check_audit({});
  REQUIRE(report.problems.size() == 3); // the event, the head, the anchor
  CHECK(report.problems.front().place == "event 601");
  CHECK(report.problems.back().place == CheckReport::k_anchor);
  CHECK_THROWS_AS(store->signed_checkpoint(), Error);
}

TEST_CASE("looking at an older store with a token does not make it the newest") {
  Fixture f;
  const Issued token = f.issue("one");
  const std::string older = slurp(f.home.location().store);
  f.issue("two");
  spit(f.home.location().store, older);
  const std::string anchor = slurp(f.home.location().anchor);
  {
    const auto store = open_store(f.home.location(), Opening::for_check);
    Authority authority(*store, f.clock);
    authority.authenticate(token.secret.text(), 0); // stamps the last use elsewhere
    CHECK(authority.check_audit(f.owner, {}).problems.size() == 1);
  }
  CHECK(slurp(f.home.location().anchor) == anchor);
  CHECK(slurp(f.home.location().store) == older);
}
