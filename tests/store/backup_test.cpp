// Copies of one moment, while others write.

#include "store/restore.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

/// A backup as a store of its own, with the key of the one that it was made of.
Location opened_as_store(const fs::path& backup, const Location& of) { return {backup, of.key}; }

} // namespace

TEST_CASE("a backup under concurrent writers is of one moment, and each can go on") {
  Fixture f;
  for (int i = 0; i < 300; ++i) {
    f.issue(fmt::format("token-{}", i));
  }
  const Location location = f.home.location();
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < 2; ++w) {
    writers.emplace_back([&, w] {
      const auto store = open_store(location);
      Authority authority(*store, f.clock);
      for (int i = 0; !stop; ++i) {
        try {
          authority.issue(authority.owner(0), {fmt::format("w{}-{}", w, i), "", std::nullopt});
          ++written;
        } catch (const Error&) {
          ++failed;
        }
      }
    });
  }
  std::vector<fs::path> files;
  std::uint64_t last = 0;
  for (int i = 0; i < 12; ++i) {
    const int before = written;
    files.push_back(f.home.path() / fmt::format("backup-{}.db", i));
    const CheckReport report = f.store->backup(files.back(), {});
    CHECK(report.problems.empty());
    // A token and its event are one change.
    CHECK(report.records - 3 == report.events - 1);
    CHECK(report.records >= last);
    last = report.records;
    while (written < before + 2 && failed == 0) { // between two copies there is a change
      std::this_thread::yield();
    }
  }
  stop = true;
  for (std::thread& writer : writers) {
    writer.join();
  }
  CHECK(failed == 0);
  CHECK(last > 303);
  for (const fs::path& file : files) {
    CHECK(mode_of(file) == 0600);
    CHECK_FALSE(fs::exists(file.string() + ".new"));
    CHECK_FALSE(fs::exists(file.string() + "-journal"));
    const auto store = open_store(opened_as_store(file, location));
    const CheckReport report = store->check({});
    CHECK(report.problems.empty());
    CHECK(report.records - 3 == report.events - 1);
  }
  CHECK(f.store->check({}).problems.empty());
}

TEST_CASE("a store that is damaged gives no backup, and leaves nothing behind") {
  Fixture f;
  for (int i = 0; i < 300; ++i) {
    f.issue(fmt::format("token-{}", i));
  }
  const Location location = f.home.location();
  const std::string whole = slurp(location.store);
  const fs::path file = f.home.path() / "backup.db";
  for (const std::string sql :
       {"DELETE FROM record WHERE seq = 200", "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE seq = 200",
        "DELETE FROM event WHERE seq = 200", "DELETE FROM event WHERE seq = 301",
        "UPDATE event SET link = zeroblob(32) WHERE seq = 20"}) {
    INFO(sql);
    f.close();
    fs::remove(location.anchor); // the copy is to be found wanting by itself
    run_sql(location, sql);
    f.reopen();
    CHECK_THROWS_MATCHES(f.store->backup(file, {}), Error,
                         Catch::Predicate<Error>([](const Error& e) { return e.code() == Errc::damaged; }));
    CHECK_FALSE(fs::exists(file));
    CHECK_FALSE(fs::exists(file.string() + ".new"));
    spit(location.store, whole);
  }
}

TEST_CASE("a restored store is the newest that its machine knows, and goes on") {
  Fixture f;
  const Issued kept = f.issue("kept");
  const Issued gone = f.issue("gone");
  const Location location = f.home.location();
  const fs::path file = f.home.path() / "backup.db";
  f.store->backup(file, {});
  f.authority->revoke(f.owner, "gone");
  f.issue("later");
  f.store->rekey({}, f.event(), {}); // a backup of before opens all the same: its slots are in it
  const std::uint64_t seen = open_store(location)->facts().commit;
  f.close();
  const std::string newer = slurp(location.store);
  const std::string bytes = slurp(file);
  CHECK_THROWS_AS(restore_store(location, file, OnStore::refuse, {}, f.event()), Error);
  CHECK((slurp(location.store) == newer));
  const Restored restored = restore_store(location, file, OnStore::keep_aside, {}, f.event());
  REQUIRE(restored.aside);
  CHECK((slurp(*restored.aside) == newer));
  CHECK(mode_of(*restored.aside) == 0600);
  CHECK(mode_of(location.store) == 0600);
  CHECK((slurp(file) == bytes));
  f.reopen();
  CHECK(f.store->facts().commit == seen + 1);
  CHECK(f.store->facts().epoch == 0);
  CHECK(f.authority->verify(kept.secret.text()).reason == Reason::ok);
  CHECK(f.authority->verify(gone.secret.text()).reason == Reason::ok);
  CHECK(f.names() == std::vector<std::string>{"kept", "gone"});
  CHECK(f.store->check({}).problems.empty());
  f.issue("goes-on");
  f.close();
  spit(location.store, newer); // what was replaced is older now
  CHECK(opening_fails(location) == Errc::damaged);
}

TEST_CASE("one flipped bit in a backup: it is not restored, or nothing is changed by it") {
  Fixture f;
  f.issue("one");
  const fs::path file = f.home.path() / "backup.db";
  f.store->backup(file, {});
  f.close();
  const Location location = f.home.location();
  const std::string whole = slurp(file);
  const std::string ours = slurp(location.store);
  int refused = 0;
  int restored = 0;
  for (std::size_t i = 0; i < whole.size(); i += 61) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ 1U << i % 8);
    spit(file, flipped);
    TemporaryHome other;
    fs::copy_file(location.key, other.path() / "key");
    try {
      restore_store(other.location(), file, OnStore::refuse, {}, f.event());
      const auto store = open_store(other.location());
      CHECK(store->check({}).problems.empty());
      CHECK(store->facts().records == 4);
      ++restored;
    } catch (const Error& e) {
      CHECK((e.code() == Errc::damaged || e.code() == Errc::locked || e.code() == Errc::newer_format));
      CHECK_FALSE(fs::exists(other.location().store));
      CHECK_FALSE(fs::exists(other.location().store.string() + ".new"));
      ++refused;
    }
  }
  WARN("flipped bits: " << refused << " refused, " << restored << " restored as they should be");
  CHECK(refused > 20);
  CHECK((slurp(location.store) == ours));
}
