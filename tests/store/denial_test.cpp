// Attempts that were refused, in the audit log.

#include "core/error.hpp"
#include "core/token_string.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

/// The refused attempts in the log, "actor target reason repeats" each.
std::vector<std::string> denials_of(Fixture& f) {
  std::vector<std::string> found;
  f.store->each_event(0, [&](const Event& event) {
    if (event.outcome == Event::Outcome::denied) {
      CHECK(event.action == "auth.denied");
      CHECK(event.actor_kind == Actor::Kind::token);
      found.push_back(fmt::format("{} {} {} {}", event.actor_name, event.target_id.empty() ? "-" : "id", event.reason,
                                  event.repeats));
    }
    return true;
  });
  return found;
}

void refuse(Fixture& f, std::string_view token) {
  const Verdict verdict = f.authority->verify(token);
  REQUIRE_FALSE(verdict.valid());
  f.authority->note_refusal(verdict, 1000);
}

using List = std::vector<std::string>;

} // namespace

TEST_CASE("a refused token is recorded once a minute, with how many were left out") {
  Fixture f;
  const Issued ci = f.issue("ci");
  f.authority->revoke(f.owner, "ci");
  for (int i = 0; i < 5; ++i) {
    refuse(f, ci.secret.text());
    f.clock.time += std::chrono::seconds(10);
  }
  CHECK(denials_of(f) == List{"ci id revoked 0"});
  f.reopen(); // what was counted is in the store, not in this process
  f.clock.time += std::chrono::seconds(10);
  refuse(f, ci.secret.text());
  CHECK(denials_of(f) == List{"ci id revoked 0", "ci id revoked 4"});
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("made-up tokens do not make the log grow") {
  Fixture f;
  const auto events = [&] { return f.store->check({}).events; };
  const auto before = events();
  for (int i = 0; i < 300; ++i) {
    refuse(f, draw_token("cpl", TokenKind::pat, draw_id()).text());
  }
  CHECK(events() == before + 1);
  CHECK(denials_of(f) == List{" id unknown 0"});
  // The last of a flood is not forgotten: another kind of attempt, later, brings it to the log.
  const Issued ci = f.issue("ci");
  f.authority->revoke(f.owner, "ci");
  f.clock.time += std::chrono::hours(1);
  refuse(f, ci.secret.text());
  CHECK(denials_of(f) == List{" id unknown 0", " id unknown 298", "ci id revoked 0"});
}

TEST_CASE("more kinds at once than are remembered: each is still written") {
  Fixture f;
  std::vector<Issued> tokens;
  for (std::size_t i = 0; i < Denials::k_most + 8; ++i) {
    tokens.push_back(f.issue(fmt::format("t{}", i)));
    f.authority->revoke(f.owner, tokens.back().token.id);
  }
  for (const Issued& token : tokens) {
    refuse(f, token.secret.text());
    refuse(f, token.secret.text());
  }
  std::size_t all = 0;
  f.clock.time += std::chrono::hours(1);
  refuse(f, draw_token("cpl", TokenKind::pat, draw_id()).text());
  f.store->each_event(0, [&](const Event& event) {
    all += event.outcome == Event::Outcome::denied ? 1 + event.repeats : 0;
    return true;
  });
  CHECK(all == 2 * tokens.size() + 1);
}

TEST_CASE("what a token may not do is recorded with the token as actor") {
  Fixture f;
  Actor scoped = f.owner;
  scoped.kind = Actor::Kind::token;
  scoped.id = "Aa1aaaaaaaaa";
  scoped.name = "deploy";
  scoped.may_manage = false;
  CHECK_THROWS_AS(f.authority->each(scoped, [](const Token&) { return true; }), Error);
  CHECK_THROWS_AS(f.authority->revoke(scoped, "x"), Error);
  CHECK(denials_of(f) == List{"deploy - may not list tokens 0", "deploy - may not delete tokens 0"});
}

TEST_CASE("whoever acts with a refused token is recorded, and a clock that went back silences nobody") {
  Fixture f;
  const Issued ci = f.issue("ci");
  f.authority->revoke(f.owner, "ci");
  CHECK_THROWS_AS(f.authority->authenticate(ci.secret.text(), 7), Error);
  f.clock.time -= std::chrono::hours(1);
  CHECK_THROWS_AS(f.authority->authenticate(ci.secret.text(), 7), Error);
  CHECK(denials_of(f) == List{"ci id revoked 0", "ci id revoked 0"});
}
