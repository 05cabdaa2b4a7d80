// What holds a record, an event and a file to its place, each by itself: in a large store, where the comparison of all
// records with the state does not run when it is opened.

#include "core/error.hpp"
#include "core/token_string.hpp"
#include "store/files.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>
#include <string>

using namespace caplet;
using namespace caplet::test;

namespace {

struct Large : Fixture {
  Large() {
    for (int i = 0; i < 260; ++i) {
      issue(fmt::format("token-{}", i));
    }
    id = issue("ci").token.id;
    authority.reset();
    store.reset();
  }
  std::string id;
};

/// The kind of error that `work` ends with.
template <typename Work>
std::optional<Errc> failure(const Work& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& e) {
    return e.code();
  }
}

} // namespace

TEST_CASE("in a large store, each part of a record is bound to its content") {
  Large f;
  const Location location = f.home.location();
  const std::string whole = slurp(location.store);
  const auto read_after = [&](const std::string& assignment, const std::string& id) {
    INFO(assignment);
    spit(location.store, whole);
    run_sql(location, fmt::format("UPDATE record SET {} WHERE id = '{}'", assignment, f.id));
    const auto store = open_store(location);
    CHECK(failure([&] { store->each_token([](const Token&) { return true; }); }) == Errc::damaged);
    return failure([&] { store->token(id); });
  };
  CHECK(read_after("kind = 3", f.id) == Errc::damaged);
  CHECK(read_after("id = 'Aa1aaaaaaaaa'", "Aa1aaaaaaaaa") == Errc::damaged);
  CHECK(read_after("seq = 1000", f.id) == Errc::damaged);
  CHECK(read_after("revision = 2", f.id) == Errc::damaged);
  CHECK(read_after("epoch = 1", f.id) == Errc::damaged);
  CHECK(read_after("name_index = NULL", f.id) == Errc::damaged);
}

TEST_CASE("a name that leads to another token is found") {
  Large f;
  const Location location = f.home.location();
  const auto ask = [&](const std::string& sql) { return query_sql(location, sql); };
  const auto of_index = [&](const std::string& column) {
    return ask(fmt::format("SELECT {} FROM sqlite_schema WHERE name = 'record_name'", column));
  };
  // An index that holds the two names the other way round, behind the text of the right one.
  const std::string last = ask("SELECT max(seq) FROM record");
  const auto name_of = [&](const std::string& seq) {
    return ask(fmt::format("SELECT hex(name_index) FROM record WHERE seq = {}", seq));
  };
  const std::string text = of_index("sql");
  const std::string place = of_index("rowid");
  run_sql(location,
          fmt::format("DROP INDEX record_name; CREATE UNIQUE INDEX record_name ON record(CASE seq WHEN {0} THEN x'{1}' "
                      "WHEN {0} - 1 THEN x'{2}' ELSE name_index END) WHERE name_index IS NOT NULL; "
                      "PRAGMA writable_schema = ON; "
                      "UPDATE sqlite_schema SET sql = '{3}', rowid = {4} WHERE name = 'record_name'",
                      last, name_of(last + " - 1"), name_of(last), text, place));
  f.reopen();
  CHECK(f.authority->find(f.owner, "token-1").name == "token-1");
  CHECK(failure([&] { f.authority->find(f.owner, "ci"); }) == Errc::damaged);
  CHECK(failure([&] { f.authority->revoke(f.owner, "token-259"); }) == Errc::damaged);
}

TEST_CASE("an id of another kind of record is no token") {
  Fixture f;
  CHECK_FALSE(f.store->token(f.owner.account));
  CHECK_FALSE(f.store->account(f.issue("ci").token.id));
}

TEST_CASE("an event in another's place is not read") {
  Fixture f;
  f.issue("one");
  f.issue("two");
  f.issue("three");
  f.issue("four");
  const Location location = f.home.location();
  run_sql(location, "UPDATE event SET seq = 9 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3; "
                    "UPDATE event SET seq = 3 WHERE seq = 9");
  f.reopen();
  CHECK(failure([&] { f.store->each_event(0, [](const Event&) { return true; }); }) == Errc::damaged);
}

TEST_CASE("a scoped token acts as one") {
  Fixture f;
  Token scoped = f.issue("scoped").token;
  scoped.name = "other";
  scoped.kind = TokenKind::sat;
  scoped.id = draw_id();
  const Secret secret = draw_token("cpl", TokenKind::sat, scoped.id);
  scoped.digest = f.store->token_digest(secret.text());
  const auto change = f.store->begin();
  change->insert(scoped);
  change->commit();
  const Actor actor = f.authority->authenticate(secret.text(), 1000);
  CHECK_FALSE(actor.may_manage);
  CHECK(failure([&] { f.authority->issue(actor, {"x", "", std::nullopt}); }) == Errc::denied);
}

TEST_CASE("a new file never takes another's place") {
  const TemporaryHome home;
  spit(home.path() / "old", "old");
  spit(home.path() / "new", "new");
  CHECK(failure([&] { rename_new(home.path() / "new", home.path() / "old"); }) == Errc::exists);
  CHECK(slurp(home.path() / "old") == "old");
  CHECK(failure([&] { write_private_file(home.path() / "old", as_bytes("new")); }) == Errc::exists);
  CHECK(slurp(home.path() / "old") == "old");
}

TEST_CASE("what is made is private by itself, under any umask") {
  namespace fs = std::filesystem;
  const TemporaryHome home;
  const Location location{home.path() / "data" / "s" / "store.db", home.path() / "config" / "key", false};
  const mode_t before = ::umask(0);
  try {
    create_store(location, {"cpl", "tester", 0}, FixedClock{});
  } catch (...) {
    ::umask(before);
    throw;
  }
  ::umask(before);
  for (const auto& entry : fs::recursive_directory_iterator(home.path())) {
    INFO(entry.path());
    const fs::perms others = fs::perms::group_all | fs::perms::others_all;
    CHECK((entry.status().permissions() & others) == fs::perms::none);
  }
}
