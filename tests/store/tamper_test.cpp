// Somebody who can write the store, and has no key.

#include "core/error.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

/// Three tokens, one of them revoked. Closed.
struct Scene : Fixture {
  Scene() {
    for (const std::string name : {"one", "two", "three"}) {
      tokens.emplace_back(issue(name).secret.text());
    }
    before_revocation = slurp(home.location().store);
    authority->revoke(owner, "two");
    authority.reset();
    store.reset();
  }
  std::vector<std::string> tokens;
  std::string before_revocation;
};

std::string row_of_token(const Location& location, int which) {
  return query_sql(location,
                   fmt::format("SELECT seq FROM record WHERE kind = 4 ORDER BY seq LIMIT 1 OFFSET {}", which));
}

} // namespace

TEST_CASE("row surgery is found when the store is opened") {
  const Scene scene;
  const Location location = scene.home.location();
  REQUIRE_FALSE(opening_fails(location));
  const std::string one = row_of_token(location, 0);
  const std::string two = row_of_token(location, 1);
  const auto sql = [&](const std::string& text) {
    INFO(text);
    const std::string whole = slurp(location.store);
    run_sql(location, text);
    CHECK(opening_fails(location) == Errc::damaged);
    spit(location.store, whole);
    REQUIRE_FALSE(opening_fails(location));
  };
  sql("DELETE FROM record WHERE seq = " + one);
  sql("DELETE FROM record WHERE kind = 4");
  sql("DELETE FROM record");
  sql("DELETE FROM store");
  sql(fmt::format("UPDATE record SET sealed = (SELECT sealed FROM record WHERE seq = {}) WHERE seq = {}", one, two));
  sql(fmt::format("UPDATE record SET sealed = zeroblob(length(sealed)) WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET sealed = x'' WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET sealed = substr(sealed, 1, 40) WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET revision = revision + 1 WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET epoch = 1 WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET kind = 3 WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET id = 'Aa1aaaaaaaaa' WHERE seq = {}", two));
  sql(fmt::format("UPDATE record SET name_index = NULL WHERE seq = {}", one));
  sql(fmt::format("UPDATE record SET seq = 1000 WHERE seq = {}", one));
  sql(fmt::format(
      "INSERT INTO record SELECT 1000, kind, 'Aa1aaaaaaaaa', revision, epoch, NULL, sealed FROM record WHERE seq = {}",
      one));
  sql("UPDATE store SET state = zeroblob(length(state))");
  sql("UPDATE store SET epoch = 0, id = id; CREATE TABLE planted(x)");
  sql("CREATE TRIGGER planted AFTER INSERT ON event BEGIN SELECT 1; END");
  sql("CREATE VIEW planted AS SELECT * FROM record");
  sql("CREATE INDEX planted ON record(kind)");
  sql("DROP INDEX record_name");
  sql("ALTER TABLE event ADD COLUMN planted TEXT");
  sql("PRAGMA user_version = 0");
  sql("PRAGMA user_version = 2");
  sql("PRAGMA application_id = 0");
  sql("PRAGMA journal_mode = WAL");
  sql("DELETE FROM slot; UPDATE store SET id = id; INSERT INTO slot SELECT 1, x'0000000000000000', 1, x'', "
      "zeroblob(32), zeroblob(64);"
      "DELETE FROM store");
}

TEST_CASE("a store of today that says it is of format 1 is refused") {
  const Scene scene;
  run_sql(scene.home.location(), "PRAGMA user_version = 1");
  CHECK(opening_fails(scene.home.location()) == Errc::locked); // there the key slots are bound to the format
}

TEST_CASE("a newer format is refused in words of its own") {
  const Scene scene;
  run_sql(scene.home.location(), "PRAGMA user_version = 4");
  CHECK(opening_fails(scene.home.location()) == Errc::newer_format);
}

TEST_CASE("a change of the key slots is found") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string whole = slurp(location.store);
  // A second slot, as it might have been before somebody removed it.
  run_sql(location, "INSERT INTO slot SELECT 2, x'0102030405060708', kind, params, commitment, wrapped FROM slot");
  CHECK(opening_fails(location) == Errc::damaged);
  spit(location.store, whole);
  run_sql(location, "UPDATE slot SET commitment = zeroblob(32)");
  CHECK(opening_fails(location) == Errc::locked);
  spit(location.store, whole);
  run_sql(location, "UPDATE slot SET wrapped = zeroblob(length(wrapped))");
  CHECK(opening_fails(location) == Errc::locked);
  spit(location.store, whole);
  run_sql(location, "UPDATE store SET id = zeroblob(16)");
  CHECK(opening_fails(location) == Errc::locked);
}

TEST_CASE("a revoked token does not come back with its old row") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string two = row_of_token(location, 1);
  const Location old{scene.home.path() / "old.db", location.key, false};
  spit(old.store, scene.before_revocation);
  run_sql(location, fmt::format("ATTACH '{}' AS old; DELETE FROM record WHERE seq = {}; "
                                "INSERT INTO record SELECT * FROM old.record WHERE seq = {}",
                                old.store.string(), two, two));
  CHECK(opening_fails(location) == Errc::damaged);
}

TEST_CASE("an index that leads elsewhere, behind an unchanged schema, is found") {
  // Made as a filtered index, then given the text of the right one, in its place: all that a look at the schema sees.
  const auto falsify = [](const std::string& index, const std::string& lie) {
    const Scene scene;
    const Location location = scene.home.location();
    const auto ask = [&](const std::string& column) {
      return query_sql(location, fmt::format("SELECT {} FROM sqlite_schema WHERE name = '{}'", column, index));
    };
    const std::string text = ask("sql");
    const std::string place = ask("rowid");
    run_sql(location,
            fmt::format("DROP INDEX {}; {}; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '{}', "
                        "rowid = {} WHERE name = '{}'",
                        index, lie, text, place, index));
    CHECK(ask("sql") == text);
    CHECK(ask("rowid") == place);
    return opening_fails(location);
  };
  CHECK(falsify("record_name", "CREATE UNIQUE INDEX record_name ON record(name_index) WHERE seq > 4") == Errc::damaged);
  CHECK(falsify("record_id", "CREATE UNIQUE INDEX record_id ON record(id) WHERE seq > 4") == Errc::damaged);
}

TEST_CASE("in a large store, a record that claims to be of another kind is found when it is read") {
  Fixture f;
  for (int i = 0; i < 300; ++i) {
    f.issue(fmt::format("token-{}", i));
  }
  const Issued issued = f.issue("ci");
  run_sql(f.home.location(), "UPDATE record SET kind = 3 WHERE id = '" + issued.token.id + "'");
  f.reopen();
  CHECK_THROWS_AS(f.authority->verify(issued.secret.text()), Error);
  CHECK_THROWS_AS(f.names(), Error);
  CHECK_THROWS_AS(f.authority->find(f.owner, "ci"), Error);
}

TEST_CASE("a row from another store does not fit") {
  const Scene scene;
  Fixture other;
  other.issue("one");
  other.authority.reset();
  other.store.reset();
  const std::string theirs = row_of_token(other.home.location(), 0);
  const std::string ours = row_of_token(scene.home.location(), 0);
  run_sql(scene.home.location(), fmt::format("ATTACH '{}' AS other; DELETE FROM record WHERE seq = {}; "
                                             "INSERT INTO record SELECT * FROM other.record WHERE seq = {}",
                                             other.home.location().store.string(), ours, theirs));
  CHECK(opening_fails(scene.home.location()) == Errc::damaged);
}

TEST_CASE("the key of another store does not open this one") {
  const Scene scene;
  const Fixture other;
  Location location = scene.home.location();
  location.key = other.home.location().key;
  CHECK(opening_fails(location) == Errc::locked);
}

TEST_CASE("while it is open, a store is not taken back to an older state") {
  Fixture f;
  f.issue("one");
  const std::string old = slurp(f.home.location().store);
  f.issue("two");
  CHECK(f.names().size() == 2);
  // In place, with SQLite's change counter moved on so that its cache takes notice.
  std::string rolled_back = old;
  rolled_back[27] = static_cast<char>(rolled_back[27] + 10);
  spit(f.home.location().store, rolled_back);
  CHECK_THROWS_AS(f.names(), Error);
}

TEST_CASE("one flipped bit in every byte of the store: refused, or nothing is changed by it") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string whole = slurp(location.store);
  const auto content = [&] {
    std::string all;
    const auto store = open_store(location);
    store->each_token([&](const Token& token) {
      all += fmt::format("{} {} {} {}\n", token.id, token.name, token.description, token.revoked_at.has_value());
      return true;
    });
    store->each_event(0, [&](const Event& event) {
      all +=
          fmt::format("{} {} {} {}\n", event.seq, event.action, event.target_id, event.time.time_since_epoch().count());
      return true;
    });
    if (!store->check({}).problems.empty()) {
      throw Error(Errc::damaged, "the check found it");
    }
    return all;
  };
  const std::string expected = content();
  int refused = 0;
  int harmless = 0;
  int changed = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == 0 && i % 8 != 0) {
      continue; // free space, sampled
    }
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    spit(location.store, flipped);
    try {
      (content() == expected ? harmless : changed) += 1;
    } catch (const Error& e) {
      refused += 1;
      if (e.code() != Errc::damaged && e.code() != Errc::locked && e.code() != Errc::newer_format) {
        FAIL_CHECK("byte " << i << ": " << e.what());
      }
    }
  }
  WARN("flipped bits: " << refused << " refused, " << harmless << " without effect, " << changed
                        << " changed an answer");
  CHECK(changed == 0);
  CHECK(refused > 2000);
}

TEST_CASE("one flipped bit in every byte of the key file is refused") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string whole = slurp(location.key);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      spit(location.key, flipped);
      INFO("byte " << i << " bit " << bit);
      CHECK(opening_fails(location) == Errc::damaged);
    }
  }
}

TEST_CASE("a key file that is cut, longer, or another program's") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string whole = slurp(location.key);
  for (const std::string& text : std::vector<std::string>{
           "", "\n", whole.substr(0, 50), whole.substr(0, whole.size() - 1), whole + "x", whole + whole,
           std::string(100000, 'x'), "AGE-SECRET-KEY-1QQPQ\n", std::string(104, '\0')}) {
    spit(location.key, text);
    CHECK(opening_fails(location) == Errc::damaged);
  }
  spit(location.key, whole);
  CHECK_FALSE(opening_fails(location));
}

TEST_CASE("a store file that is cut at any page, empty, or another program's") {
  const Scene scene;
  const Location location = scene.home.location();
  const std::string whole = slurp(location.store);
  for (std::size_t size = 0; size < whole.size(); size += 512) {
    INFO("cut to " << size);
    spit(location.store, whole.substr(0, size));
    CHECK(opening_fails(location) == Errc::damaged);
  }
  spit(location.store, std::string(whole.size(), 'x'));
  CHECK(opening_fails(location) == Errc::damaged);
}
