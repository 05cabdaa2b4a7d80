// A new store key: nothing stays under the old one, and nothing else is lost.

#include "store/audit_chain.hpp"
#include "store/record_table.hpp"
#include "store/seal.hpp"
#include "store/store_row.hpp"
#include "store/unlock.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

/// What opens a store at one moment, and where that key is used.
struct Keys {
  StoreKeys keys;
  StorePlace place;
};

Keys keys_of(const Location& location) {
  Database database(location.store, Database::Open::existing);
  const StorePlace place = read_place(database);
  const Unlocked unlocked = unlock_by_slot(place, read_slots(database), location, {});
  return {StoreKeys(unlocked.store_key.view()), place};
}

std::vector<Event> events_of(LocalStore& store) {
  std::vector<Event> events;
  store.each_event(0, [&](const Event& event) {
    events.push_back(event);
    return true;
  });
  return events;
}

/// All that is sealed, as it stands in the file. Not the name index: where SQLite balances a page it may leave a cell
/// of the old one in the free space between, which secure_delete does not reach. That is 16 bytes of a keyed hash of a
/// name.
std::vector<Bytes> sealed_in(const Location& location) {
  Database database(location.store, Database::Open::existing);
  std::vector<Bytes> all;
  for (const char* sql : {"SELECT sealed FROM record", "SELECT sealed FROM event", "SELECT wrapped FROM slot",
                          "SELECT state FROM store"}) {
    Database::Query query(database, sql);
    while (query.step()) {
      all.emplace_back(query.blob(0).begin(), query.blob(0).end());
    }
  }
  return all;
}

std::optional<Errc> code_of(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& e) {
    CHECK_FALSE(e.hint().empty());
    return e.code();
  }
}

} // namespace

TEST_CASE("a rekey leaves nothing under the old key, and tokens, log and names as they were") {
  Fixture f;
  std::vector<Issued> issued;
  for (int i = 0; i < 600; ++i) { // more than one batch of records and of events
    issued.push_back(f.issue(fmt::format("token-{}", i)));
  }
  f.authority->revoke(f.owner, "token-7");
  f.store->add_slot(as_bytes("correct horse"), k_cheap, f.event());
  const Location location = f.home.location();
  const std::vector<Event> before = events_of(*f.store);
  const Keys old = keys_of(location);
  const std::vector<Bytes> old_sealed = sealed_in(location);
  REQUIRE(old_sealed.size() == 603 + 603 + 2 + 1);
  const std::uint64_t commit = f.store->facts().commit;
  REQUIRE(f.store->facts().epoch == 0);

  std::uint64_t last = 0;
  const Progress progress = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(done > last);
    CHECK(done <= total);
    CHECK(total == 603 + 603);
    last = done;
  };
  const Unlocking by_words = passphrase("correct horse");
  f.store->rekey(by_words, f.event(), progress);
  CHECK(last > 1000);
  f.reopen();

  // In the file: not one of the old bytes, in use or free; and no row that the old key opens, at its place or the new.
  const Keys now = keys_of(location);
  CHECK(now.place.epoch == 1);
  CHECK_FALSE(same_bytes(now.keys.store(), old.keys.store()));
  const std::string file = slurp(location.store);
  std::size_t found = 0;
  for (const Bytes& sealed : old_sealed) {
    found += file.find(as_text(sealed)) == std::string::npos ? 0U : 1U;
  }
  CHECK(found == 0);
  {
    Database database(location.store, Database::Open::existing);
    std::size_t opened = 0;
    std::size_t rows = 0;
    for (StorePlace place : {old.place, now.place}) {
      RecordTable records(database, old.keys, place);
      for (const Issued& each : issued) {
        opened += code_of([&] { records.find(each.token.id, RecordKind::token); }) == Errc::damaged ? 0U : 1U;
        ++rows;
      }
      for (StoredEvent row : read_stored_events(database, 0, 1000)) {
        row.epoch = place.epoch; // whatever the column says
        opened += open_event(old.keys, place, row) ? 1U : 0U;
        ++rows;
      }
    }
    CHECK(opened == 0);
    CHECK(rows == 2 * (600 + 604));
    CHECK(query_sql(location, "SELECT count(*) FROM record WHERE epoch <> 1") == "0");
    CHECK(query_sql(location, "SELECT count(*) FROM event WHERE epoch <> 1") == "0");
  }

  // The log: the same events with the same links, and one more.
  const std::vector<Event> after = events_of(*f.store);
  REQUIRE(after.size() == before.size() + 1);
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
  CHECK(after.back().action == "store.rekey");
  CHECK(after.back().actor_name == "tester");
  CHECK(after.back().link == link_of(
                                 [&] {
                                   Database database(location.store, Database::Open::existing);
                                   return read_place(database).store;
                                 }(),
                                 after.back(), before.back().link));
  CHECK(f.store->facts().commit == commit + 1);

  // The tokens, by their strings and by their names; the check; both slots.
  for (std::size_t i = 0; i < issued.size(); ++i) {
    const Reason expected = i == 7 ? Reason::revoked : Reason::ok;
    CHECK(f.authority->verify(issued[i].secret.text()).reason == expected);
  }
  CHECK(f.names().size() == 600);
  CHECK(f.authority->find(f.owner, "token-599").id == issued[599].token.id);
  CHECK(code_of([&] { f.issue("token-3"); }) == Errc::exists);
  CHECK(f.store->check({}).problems.empty());
  CHECK_FALSE(opening_fails(location, by_words));
  f.store->rekey(by_words, f.event(), {});
  f.reopen();
  CHECK(f.store->facts().epoch == 2);
  CHECK(f.authority->verify(issued[0].secret.text()).reason == Reason::ok);
}

TEST_CASE("a store that was given a new key while it was open says so, and not that it is damaged") {
  Fixture f;
  const Issued issued = f.issue("ci");
  const auto open = [&] { return open_store(f.home.location()); };
  const std::vector<std::function<void(LocalStore&)>> works{
      [&](LocalStore& store) { store.token(issued.token.id); },
      [&](LocalStore& store) { store.token_named(issued.token.account, "ci"); },
      [&](LocalStore& store) { store.tokens_with_prefix(issued.token.id.substr(0, 4), 2); },
      [&](LocalStore& store) { store.each_token([](const Token&) { return true; }); },
      [&](LocalStore& store) { store.account(issued.token.account); },
      [&](LocalStore& store) { store.each_event(0, [](const Event&) { return true; }); },
      [&](LocalStore& store) { store.begin(); },
      [&](LocalStore& store) { store.try_begin(); },
      [&](LocalStore& store) { store.check({}); },
      [&](LocalStore& store) { store.backup(f.home.path() / "b.db", {}); },
      [&](LocalStore& store) { store.rekey({}, f.event(), {}); },
      [&](LocalStore& store) { store.add_slot(as_bytes("correct horse"), k_cheap, f.event()); },
      [&](LocalStore& store) { store.accept_rollback(f.event()); },
  };
  for (std::size_t i = 0; i < works.size(); ++i) {
    const auto other = open();
    open()->rekey({}, f.event(), {});
    INFO("work " << i);
    const auto code = code_of([&] { works[i](*other); });
    CHECK((code == Errc::unavailable || code == Errc::busy));
  }
  CHECK_FALSE(std::filesystem::exists(f.home.path() / "b.db"));
  const auto store = open();
  CHECK(store->facts().epoch == works.size());
  CHECK(store->check({}).problems.empty());
}

TEST_CASE("a rekey refuses a store that was tampered with, and leaves it as it is") {
  Fixture f;
  for (int i = 0; i < 300; ++i) { // so many that opening it compares none of them
    f.issue(fmt::format("token-{}", i));
  }
  f.close();
  const Location location = f.home.location();
  const std::string whole = slurp(location.store);
  for (const std::string sql :
       {"DELETE FROM record WHERE seq = 200", "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE seq = 200",
        "UPDATE record SET revision = 2 WHERE seq = 200", "UPDATE record SET name_index = NULL WHERE seq = 200",
        "UPDATE record SET seq = 1000 WHERE seq = 200",
        "INSERT INTO record SELECT 1000, kind, 'Aa1aaaaaaaaa', revision, epoch, NULL, sealed FROM record WHERE seq = 9",
        "DELETE FROM event WHERE seq = 200", "DELETE FROM event WHERE seq > 100 AND seq < 300",
        "UPDATE event SET sealed = zeroblob(length(sealed)) WHERE seq = 200",
        "UPDATE event SET link = zeroblob(32) WHERE seq = 200",
        "UPDATE event SET sealed = (SELECT sealed FROM event WHERE seq = 199) WHERE seq = 200",
        "INSERT INTO event SELECT 302, epoch, sealed, link FROM event WHERE seq = 301"}) {
    INFO(sql);
    run_sql(location, sql);
    const std::string before = slurp(location.store);
    const auto store = open_store(location);
    CHECK(code_of([&] { store->rekey({}, f.event(), {}); }) == Errc::damaged);
    CHECK((slurp(location.store) == before));
    spit(location.store, whole);
  }
  // Where there is no anchor, opening the store does not see that the end of the log is gone.
  std::filesystem::remove(location.anchor);
  for (const std::string sql : {"DELETE FROM event WHERE seq = 301", "DELETE FROM event"}) {
    INFO(sql);
    run_sql(location, sql);
    const auto store = open_store(location);
    CHECK(code_of([&] { store->rekey({}, f.event(), {}); }) == Errc::damaged);
    spit(location.store, whole);
  }
  CHECK(code_of([&] { open_store(location)->rekey({}, f.event(), {}); }) == std::nullopt);
}

TEST_CASE("a record put back to an older version is found by a rekey") {
  Fixture f;
  for (int i = 0; i < 300; ++i) {
    f.issue(fmt::format("token-{}", i));
  }
  spit(f.home.path() / "old.db", slurp(f.home.location().store));
  f.authority->revoke(f.owner, "token-250");
  run_sql(f.home.location(),
          fmt::format("ATTACH '{}' AS old; DELETE FROM record WHERE revision = 2; "
                      "INSERT INTO record SELECT * FROM old.record WHERE seq NOT IN (SELECT seq FROM record)",
                      (f.home.path() / "old.db").string()));
  f.reopen();
  CHECK(code_of([&] { f.store->rekey({}, f.event(), {}); }) == Errc::damaged);
}

TEST_CASE("a rekey that does not end well is none") {
  Fixture f;
  const Issued issued = f.issue("ci");
  for (int i = 0; i < 200; ++i) {
    f.issue(fmt::format("token-{}", i));
  }
  const Location location = f.home.location();
  const std::string before = slurp(location.store);
  struct Stop {};
  const Progress stop = [](std::uint64_t done, std::uint64_t /*total*/) {
    if (done > 204) { // amid the events, with all records sealed anew
      throw Stop{};
    }
  };
  CHECK_THROWS_AS(f.store->rekey({}, f.event(), stop), Stop);
  CHECK((slurp(location.store) == before));
  f.reopen();
  CHECK(f.store->facts().epoch == 0);
  CHECK(f.authority->verify(issued.secret.text()).reason == Reason::ok);
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a rekey wraps every slot anew, and asks for what each needs") {
  Fixture f;
  const Location location = f.home.location();
  const KeyFile second = draw_key_file();
  write_key_file(f.home.path() / "second", second);
  f.store->add_slot(second, f.event());
  f.store->add_slot(as_bytes("correct horse"), k_cheap, f.event());
  const std::string before = slurp(location.store);
  Unlocking unlocking = passphrase("correct horse");
  CHECK(code_of([&] { f.store->rekey(unlocking, f.event(), {}); }) == Errc::locked); // the second key file
  unlocking.key_files = {f.home.path() / "second"};
  unlocking.passphrase = passphrase("wrong horse").passphrase;
  CHECK(code_of([&] { f.store->rekey(unlocking, f.event(), {}); }) == Errc::locked);
  unlocking.passphrase = nullptr;
  CHECK(code_of([&] { f.store->rekey(unlocking, f.event(), {}); }) == Errc::locked);
  CHECK((slurp(location.store) == before));
  unlocking.passphrase = passphrase("correct horse").passphrase;
  f.store->rekey(unlocking, f.event(), {});
  f.close();
  CHECK_FALSE(opening_fails(location));
  CHECK_FALSE(opening_fails(location, passphrase("correct horse")));
  Location by_second = location;
  by_second.key = f.home.path() / "second";
  CHECK_FALSE(opening_fails(by_second));
}
