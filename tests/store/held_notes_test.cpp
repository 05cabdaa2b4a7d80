// What many verdicts leave in the store, written together.

#include "core/token_string.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> denials_of(Fixture& f) {
  std::vector<std::string> found;
  f.store->each_event(0, [&](const Event& event) {
    if (event.outcome == Event::Outcome::denied) {
      found.push_back(fmt::format("{} {} {}", event.target_name, event.reason, event.repeats));
    }
    return true;
  });
  return found;
}

std::string mint(Fixture& f, const TokenRequest& request) {
  return std::string(f.authority->issue(f.owner, request).secret.text());
}

using List = std::vector<std::string>;

} // namespace

TEST_CASE("held notes: uses of many are one change, and each is stamped") {
  Fixture f;
  const std::string a = mint(f, {"a"});
  const std::string b = mint(f, {"b", "", {}, {"x:y", "x:z"}});
  f.clock.time += 1h;
  HeldNotes notes;
  const auto before = f.store->facts().commit;
  for (int i = 0; i < 3; ++i) {
    CHECK(f.authority->admit(a, {}, 7, notes).valid());
    CHECK(f.authority->admit(b, {{"x:y"}, {}, {}, {}}, 7, notes).valid());
    CHECK(f.authority->admit(b, {{"x:z"}, {}, {}, {}}, 7, notes).valid());
  }
  CHECK(f.store->facts().commit == before);
  CHECK_FALSE(f.authority->find(f.owner, "a").last_used_at);
  f.authority->write(notes);
  CHECK(notes.empty());
  CHECK(f.store->facts().commit == before + 1);
  f.reopen();
  CHECK(f.authority->find(f.owner, "a").last_used_at == f.clock.time);
  CHECK(f.authority->find(f.owner, "b").scopes_used == 0b11);
  // Within the same minute there is nothing to hold.
  CHECK(f.authority->admit(a, {}, 7, notes).valid());
  CHECK(notes.empty());
  f.authority->write(notes);
  CHECK(f.store->facts().commit == before + 1);
}

TEST_CASE("held notes: refusals are one event for each kind, and none is lost in the count") {
  Fixture f;
  const std::string gone = mint(f, {"gone"});
  f.authority->revoke(f.owner, "gone");
  HeldNotes notes;
  const auto before = f.store->facts().commit;
  for (int i = 0; i < 100; ++i) {
    CHECK(f.authority->admit(gone, {}, 7, notes).reason == Reason::revoked);
    CHECK(f.authority->admit(draw_token("cpl", TokenKind::pat, draw_id()).text(), {}, 7, notes).reason ==
          Reason::unknown);
    CHECK(f.authority->admit("garbage", {}, 7, notes).reason == Reason::malformed);
  }
  f.authority->write(notes);
  CHECK(f.store->facts().commit == before + 1);
  CHECK(denials_of(f) == List{"gone revoked 0", " unknown 0"});
  f.clock.time += 61s;
  CHECK(f.authority->admit(gone, {}, 7, notes).reason == Reason::revoked);
  f.authority->write(notes);
  const List later = denials_of(f);
  REQUIRE(later.size() == 4);
  CHECK(later[2] == " unknown 98");
  CHECK(later[3] == "gone revoked 99");
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("held notes: what must not wait does not") {
  Fixture f;
  const std::string twice = mint(f, {"twice", "", {}, {}, {}, 2});
  HeldNotes notes;
  CHECK(f.authority->admit(twice, {}, 7, notes).valid());
  CHECK(f.authority->find(f.owner, "twice").uses == 1);
  CHECK(f.authority->admit(twice, {}, 7, notes).valid());
  CHECK(f.authority->admit(twice, {}, 7, notes).reason == Reason::exhausted);
  // The first use of a new secret ends the grace of the old one, now and not when the notes are written.
  const std::string old = mint(f, {"turned"});
  const Issued renewed = f.authority->rotate(f.owner, "turned", {1h, PreviousSecret::Ends::at_first_use, {}});
  f.clock.time += 1min;
  CHECK(f.authority->admit(old, {}, 7, notes).valid());
  CHECK(f.authority->admit(renewed.secret.text(), {}, 7, notes).valid());
  CHECK(f.authority->admit(old, {}, 7, notes).reason == Reason::revoked);
  // A use of the old one that was held does not settle a rotation when it is written.
  const std::string other = mint(f, {"other"});
  f.clock.time += 2min;
  CHECK(f.authority->admit(other, {}, 7, notes).valid());
  f.authority->rotate(f.owner, "other", {1h, PreviousSecret::Ends::at_first_use, {}});
  f.authority->write(notes);
  CHECK(f.authority->verify(other).valid());
}

TEST_CASE("held notes: memory does not grow with the number of verdicts") {
  Fixture f;
  HeldNotes notes;
  Verdict verdict;
  verdict.reason = Reason::ok;
  verdict.token.emplace();
  std::size_t held = 0;
  for (; !notes.full() && held < 100000; ++held) {
    verdict.token->id = draw_id();
    notes.use(verdict, f.clock.time);
  }
  CHECK(held < 10000);
  f.authority->write(notes); // of tokens that there are not
  CHECK(notes.empty());
  Event event;
  for (held = 0; !notes.full() && held < 100000; ++held) {
    event.actor_id = draw_id();
    notes.refusal(event);
  }
  CHECK(held < 1000);
}

TEST_CASE("an id that is taken is drawn again, and a name that is taken is told of") {
  Fixture f;
  const Issued a = f.issue("a");
  auto change = f.store->begin();
  Token other = a.token;
  other.name = "b";
  CHECK_THROWS_AS(change->insert(other), Error);
  other.id = draw_id();
  other.name = "a";
  CHECK_THROWS_AS(change->insert(other), Error);
  other.name = "b";
  change->insert(other); // what was refused has left nothing behind
  change->commit();
  change.reset();
  CHECK(f.store->check({}).problems.empty());
  CHECK(f.names().size() == 2);
}
