// The use cases over a real store.

#include "core/error.hpp"
#include "core/time_text.hpp"
#include "tests/store/failure.hpp"
#include "tests/store/support.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

TEST_CASE("a token lives: minted, found, verified, revoked, refused") {
  Fixture f;
  const Issued issued = f.authority->issue(f.owner, {"ci", "for the runner", f.clock.time + 24h});
  f.reopen();
  Verdict verdict = f.authority->verify(issued.secret.text());
  CHECK(verdict.valid());
  REQUIRE(verdict.token);
  CHECK(*verdict.token == issued.token);
  CHECK(verdict.token->description == "for the runner");
  CHECK(f.authority->find(f.owner, "ci") == issued.token);
  CHECK(f.authority->find(f.owner, issued.token.id) == issued.token);
  CHECK(f.authority->find(f.owner, issued.token.id.substr(0, 4)) == issued.token);
  CHECK(f.authority->account_name(issued.token.account) == "tester");

  CHECK(f.authority->revoke(f.owner, "ci").token.revoked_at == f.clock.time);
  f.reopen();
  verdict = f.authority->verify(issued.secret.text());
  CHECK(verdict.reason == Reason::revoked);
  CHECK(verdict.token);
}

TEST_CASE("the order of the checks") {
  Fixture f;
  const Issued issued = f.authority->issue(f.owner, {"short", "", f.clock.time + 60s});
  const std::string token(issued.secret.text());
  CHECK(f.authority->verify("").reason == Reason::malformed);
  CHECK(f.authority->verify("cpl_pat_x").reason == Reason::malformed);
  CHECK(f.authority->verify(draw_token("acme", TokenKind::pat, issued.token.id).text()).reason == Reason::malformed);
  CHECK(f.authority->verify(draw_token("cpl", TokenKind::pat, draw_id()).text()).reason == Reason::unknown);
  const Verdict wrong_secret = f.authority->verify(draw_token("cpl", TokenKind::pat, issued.token.id).text());
  CHECK(wrong_secret.reason == Reason::unknown);
  CHECK_FALSE(wrong_secret.token); // nothing is told to somebody who guesses
  CHECK(f.authority->verify(draw_token("cpl", TokenKind::sat, issued.token.id).text()).reason == Reason::unknown);
  f.clock.time += 59s;
  CHECK(f.authority->verify(token).reason == Reason::ok);
  f.clock.time += 1s;
  CHECK(f.authority->verify(token).reason == Reason::expired);
  f.authority->revoke(f.owner, "short");
  CHECK(f.authority->verify(token).reason == Reason::revoked);
}

TEST_CASE("a name belongs to one live token") {
  Fixture f;
  const std::string first_id = f.issue("ci").token.id;
  CHECK(failure([&] { f.issue("ci"); }) == Errc::exists);
  f.issue("caf\u00e9");
  CHECK(failure([&] { f.issue("cafe\u0301"); }) == Errc::exists);
  CHECK(f.authority->find(f.owner, "cafe\u0301").name == "caf\u00e9");
  f.authority->revoke(f.owner, "ci");
  const std::string second_id = f.issue("ci").token.id;
  CHECK(second_id != first_id);
  CHECK(f.authority->find(f.owner, "ci").id == second_id);
  CHECK(f.authority->find(f.owner, first_id).revoked_at);
  f.authority->revoke(f.owner, "ci");
  CHECK(f.authority->find(f.owner, "ci").id == second_id); // the newest tombstone
  CHECK(f.names().size() == 3);
}

TEST_CASE("a token is found by id, name or prefix, and never by chance") {
  Fixture f;
  CHECK(failure([&] { f.authority->find(f.owner, ""); }) == Errc::usage);
  CHECK(failure([&] { f.authority->find(f.owner, "nope"); }) == Errc::not_found);
  CHECK(failure([&] { f.authority->find(f.owner, draw_id()); }) == Errc::not_found);
  // Tokens until two share the first four characters of their id would be millions: put them there.
  Token token = f.issue("one").token;
  const std::string stem = token.id.substr(0, 4);
  const auto change = f.store->begin();
  for (const std::string tail : {"Aa1aaaaa", "Bb2bbbbb"}) {
    token.id = stem + tail;
    token.name = "with " + tail;
    change->insert(token);
  }
  token.id = "Zz9zzzzzzzzz";
  token.name = stem; // a name that is a prefix of ids
  change->insert(token);
  change->commit();
  CHECK(f.authority->find(f.owner, stem).id == "Zz9zzzzzzzzz");
  CHECK(failure([&] { f.authority->find(f.owner, stem.substr(0, 3)); }) == Errc::not_found);
  f.authority->revoke(f.owner, stem);
  try {
    f.authority->find(f.owner, stem);
    FAIL("an ambiguous prefix was taken");
  } catch (const Error& e) {
    CHECK(e.code() == Errc::ambiguous);
    CHECK(std::string(e.hint()).find(stem + "Aa1aaaaa (with Aa1aaaaa)") != std::string::npos);
  }
  CHECK(failure([&] { f.authority->revoke(f.owner, stem + "Aa1"); }) == Errc::not_found); // whole ids only
  CHECK_FALSE(f.authority->find(f.owner, stem + "Aa1").revoked_at);
}

TEST_CASE("revoking twice changes nothing") {
  Fixture f;
  const std::string id = f.issue("ci").token.id;
  const Instant first = f.clock.time;
  f.authority->revoke(f.owner, id);
  f.clock.time += 1h;
  CHECK(f.authority->revoke(f.owner, id).token.revoked_at == first);
  CHECK(query_sql(f.home.location(), "SELECT count(*) FROM event") == "3"); // create, mint, revoke
}

TEST_CASE("a refused request leaves no trace") {
  Fixture f;
  f.issue("ci");
  const std::string before = slurp(f.home.location().store);
  CHECK(failure([&] { f.issue("ci"); }) == Errc::exists);
  CHECK(failure([&] { f.issue(""); }) == Errc::usage);
  CHECK(failure([&] { f.issue("a\nb"); }) == Errc::usage);
  CHECK(failure([&] { f.authority->issue(f.owner, {"x", "a\x1b", std::nullopt}); }) == Errc::usage);
  CHECK(failure([&] { f.authority->revoke(f.owner, "nope"); }) == Errc::not_found);
  CHECK(slurp(f.home.location().store) == before);
}

TEST_CASE("a token acts for its account, and one that is not valid for nobody") {
  Fixture f;
  const Issued master = f.issue("master");
  const Actor actor = f.authority->authenticate(master.secret.text(), 1000);
  CHECK(actor.kind == Actor::Kind::token);
  CHECK(actor.name == "master");
  const Issued child = f.authority->issue(actor, {"child", "", std::nullopt});
  CHECK(child.token.created_by == master.token.id);
  f.authority->revoke(actor, "master");
  CHECK(failure([&] { f.authority->authenticate(master.secret.text(), 1000); }) == Errc::rejected);
}

TEST_CASE("a scoped token manages nothing") {
  Fixture f;
  f.issue("ci");
  Actor scoped = f.owner;
  scoped.may_manage = false;
  CHECK(failure([&] { f.authority->issue(scoped, {"x", "", std::nullopt}); }) == Errc::denied);
  CHECK(failure([&] { f.authority->find(scoped, "ci"); }) == Errc::denied);
  CHECK(failure([&] { f.authority->revoke(scoped, "ci"); }) == Errc::denied);
  CHECK(failure([&] { f.authority->each(scoped, [](const Token&) { return true; }); }) == Errc::denied);
}

TEST_CASE("the last use is stamped once a minute, for valid tokens alone") {
  Fixture f;
  const Issued issued = f.authority->issue(f.owner, {"ci", "", f.clock.time + 1h});
  const auto use = [&] {
    f.authority->note_use(f.authority->verify(issued.secret.text()));
    return f.authority->find(f.owner, "ci").last_used_at;
  };
  const Instant first = f.clock.time;
  CHECK(use() == first);
  f.clock.time += 59s;
  CHECK(use() == first);
  f.clock.time += 1s;
  CHECK(use() == first + 60s);
  f.clock.time -= 30s; // set back: a stamp that lies ahead is none
  CHECK(use() == first + 30s);
  f.clock.time += 60s;
  CHECK(use() == first + 90s);
  f.clock.time += 2h;
  CHECK(use() == first + 90s);
}

TEST_CASE("a stamp does not wait for a reader of another program") {
  Fixture f;
  const Issued issued = f.issue("ci");
  const Verdict verdict = f.authority->verify(issued.secret.text());
  SQLite::Database reader(f.home.location().store.string(), SQLite::OPEN_READONLY);
  reader.exec("BEGIN");
  CHECK(reader.execAndGet("SELECT count(*) FROM record").getInt() == 4);
  const auto start = std::chrono::steady_clock::now();
  f.authority->note_use(verdict);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
  reader.exec("COMMIT");
  f.authority->note_use(verdict);
  CHECK(f.authority->find(f.owner, "ci").last_used_at);
}

TEST_CASE("a list is whole while others write") {
  Fixture f;
  constexpr int k_tokens = 700; // more than one batch
  const auto change = [&] {
    auto begun = f.store->begin();
    Token token;
    token.account = f.owner.account;
    for (int i = 0; i < k_tokens; ++i) {
      token.id = draw_id();
      token.name = "token-" + std::to_string(i);
      begun->insert(token);
    }
    begun->commit();
  };
  change();
  std::atomic<bool> done = false;
  std::thread writer([&] { // past our lock, as a SQLite shell would
    SQLite::Database database(f.home.location().store.string(), SQLite::OPEN_READWRITE, 5000);
    while (!done) {
      database.exec("BEGIN IMMEDIATE; UPDATE store SET epoch = epoch; COMMIT");
    }
  });
  int lists = 0;
  int incomplete = 0;
  const auto end = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < end) {
    ++lists;
    incomplete += f.names().size() == k_tokens ? 0 : 1;
  }
  done = true;
  writer.join();
  INFO(lists << " lists");
  CHECK(lists > 5);
  CHECK(incomplete == 0);
}

TEST_CASE("a stamp neither waits nor fails") {
  Fixture f;
  const Issued issued = f.issue("ci");
  const Verdict verdict = f.authority->verify(issued.secret.text());
  const auto other = open_store(f.home.location());
  const auto change = other->begin(); // holds the store
  const auto start = std::chrono::steady_clock::now();
  f.authority->note_use(verdict);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
}
