// What this machine has seen of a store, and a store that was put back behind it.

#include "store/anchor.hpp"
#include "store/files.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <string>
#include <utility>

using namespace caplet;
using namespace caplet::test;

namespace {

Anchor some_anchor() {
  Anchor anchor;
  anchor.store.fill(3);
  anchor.commit = 41;
  anchor.events = 17;
  anchor.audit_head.fill(9);
  return anchor;
}

Digest some_key() {
  Digest key{};
  key.fill(5);
  return anchor_key(key);
}

} // namespace

TEST_CASE("an anchor is read as it was written, under its key alone") {
  const TemporaryHome home;
  const auto path = home.path() / "deep" / "er" / "anchor";
  CHECK_FALSE(read_anchor(path, some_key()));
  REQUIRE(write_anchor(path, some_key(), some_anchor()));
  CHECK(read_anchor(path, some_key()) == some_anchor());
  Digest other = some_key();
  other[0] ^= 1;
  CHECK_THROWS_AS(read_anchor(path, other), Error);
  Anchor newer = some_anchor();
  newer.commit = UINT64_MAX;
  newer.events = UINT64_MAX;
  REQUIRE(write_anchor(path, some_key(), newer));
  CHECK(read_anchor(path, some_key()) == newer);
  CHECK_FALSE(write_anchor("/proc/none/anchor", some_key(), newer)); // best effort
}

TEST_CASE("an anchor of the same length is written over the old one where that is ours alone, and else replaces it") {
  namespace fs = std::filesystem;
  const TemporaryHome home;
  const auto path = home.path() / "anchor";
  const auto file_of = [&] {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return std::pair(status.st_ino, status.st_mode & 07777U);
  };
  Anchor next = some_anchor();
  const auto is_the_same_file = [&] {
    const Fd held(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); // or a new one could be given its number
    const auto before = file_of();
    next.commit += 1;
    REQUIRE(write_anchor(path, some_key(), next));
    CHECK(read_anchor(path, some_key()) == next);
    const auto after = file_of();
    CHECK(after.second == 0600);
    return after == before;
  };
  REQUIRE(write_anchor(path, some_key(), next));
  CHECK(is_the_same_file());
  next.commit = 99;
  CHECK_FALSE(is_the_same_file()); // longer
  CHECK(is_the_same_file());
  next.commit = 1;
  CHECK_FALSE(is_the_same_file()); // shorter
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  CHECK_FALSE(is_the_same_file());
  const auto other = home.path() / "other";
  fs::create_hard_link(path, other);
  const std::string kept = slurp(other);
  CHECK_FALSE(is_the_same_file());
  CHECK(slurp(other) == kept);
  fs::remove(path);
  fs::create_symlink(other, path);
  CHECK_FALSE(is_the_same_file());
  CHECK(slurp(other) == kept);
}

TEST_CASE("every flipped bit of the anchor is refused") {
  Fixture f;
  f.issue("one");
  f.close();
  const Location location = f.home.location();
  const std::string whole = slurp(location.anchor);
  REQUIRE(whole.size() > 150);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ 1U << bit);
      spit(location.anchor, flipped);
      INFO("byte " << i << " bit " << bit);
      CHECK(opening_fails(location) == Errc::damaged);
      ++refused;
    }
  }
  CHECK(refused == 8 * static_cast<int>(whole.size()));
  spit(location.anchor, whole);
  CHECK_FALSE(opening_fails(location));
}

TEST_CASE("an anchor that is cut, longer or written otherwise is refused; an empty one says nothing") {
  Fixture f;
  f.close();
  const Location location = f.home.location();
  const std::string whole = slurp(location.anchor);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    spit(location.anchor, whole.substr(0, size));
    INFO("cut to " << size);
    CHECK(opening_fails(location) == Errc::damaged);
  }
  std::string upper = whole;
  upper[whole.size() - 2] = 'A'; // whatever digit it was: hexadecimal is lower-case
  const auto after_id = whole.find(' ', 17);
  for (const std::string& text : {whole + "\n", whole + " ", whole + whole, "\n" + whole, " " + whole, upper,
                                  whole.substr(0, after_id) + " 0" + whole.substr(after_id + 1),
                                  whole.substr(0, after_id) + " " + whole.substr(after_id), std::string(512, ' '),
                                  std::string(513, 'x'), std::string(10000, 'x'), std::string(200, '\0')}) {
    spit(location.anchor, text);
    CHECK(opening_fails(location) == Errc::damaged);
  }
  spit(location.anchor, "");
  CHECK_FALSE(opening_fails(location));
}

TEST_CASE("every older copy of a store is refused, at whatever change; so is one that went on elsewhere") {
  Fixture f;
  const Location location = f.home.location();
  std::vector<std::string> copies;
  std::vector<std::string> anchors;
  for (int i = 0; i < 6; ++i) {
    copies.push_back(slurp(location.store));
    anchors.push_back(slurp(location.anchor));
    f.issue(fmt::format("token-{}", i));
  }
  f.close();
  const std::string newest = slurp(location.store);
  const std::string anchor = slurp(location.anchor);
  for (std::size_t i = 0; i < copies.size(); ++i) {
    spit(location.store, copies[i]);
    CHECK(opening_fails(location) == Errc::damaged);
    // With the anchor of its time there is nothing to see, and an older anchor refuses no newer store.
    spit(location.anchor, anchors[i]);
    CHECK_FALSE(opening_fails(location));
    spit(location.store, newest);
    CHECK_FALSE(opening_fails(location));
    CHECK(slurp(location.anchor) == anchors[i]); // reading does not write it
    spit(location.anchor, anchor);
  }
  // An older copy that goes on where there is no anchor, past what was seen here, and as far.
  for (const int more : {4, 9}) {
    spit(location.store, copies[2]);
    std::filesystem::remove(location.anchor);
    f.reopen();
    for (int i = 0; i < more; ++i) {
      f.issue(fmt::format("elsewhere-{}", i));
    }
    f.close();
    spit(location.anchor, anchor);
    std::filesystem::permissions(location.anchor, std::filesystem::perms(0600));
    CHECK(opening_fails(location) == Errc::damaged);
    const auto store = open_store(location, Opening::for_check);
    const CheckReport report = store->check({});
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems.front().place == CheckReport::k_anchor);
    CHECK(report.problems.front().what.find("another history") != std::string::npos);
    spit(location.store, newest);
  }
}

TEST_CASE("a rollback that is accepted is the newest from then on, and in the log") {
  Fixture f;
  const Location location = f.home.location();
  const std::string old = slurp(location.store);
  f.issue("one");
  f.issue("two");
  f.reopen();
  const std::uint64_t seen = f.store->facts().commit;
  f.close();
  const std::string newest = slurp(location.store);
  spit(location.store, old);
  REQUIRE(opening_fails(location) == Errc::damaged);
  open_store(location, Opening::for_check)->accept_rollback(f.event());
  f.reopen();
  CHECK(f.store->facts().commit == seen + 1);
  std::string reason;
  f.store->each_event(0, [&](const Event& event) {
    reason = event.action == "store.rollback" ? event.reason : "";
    return true;
  });
  CHECK(reason == fmt::format("from change {} back to 1", seen));
  f.close();
  spit(location.store, newest); // the one that was newer is the older one now
  CHECK(opening_fails(location) == Errc::damaged);
}

TEST_CASE("the anchor lasts through a rekey, which cannot be taken back either") {
  Fixture f;
  f.issue("one");
  const Location location = f.home.location();
  const std::string old = slurp(location.store);
  const std::string old_anchor = slurp(location.anchor);
  f.store->rekey({}, f.event(), {});
  f.close();
  CHECK_FALSE(opening_fails(location));
  const std::string rekeyed = slurp(location.store);
  spit(location.store, old);
  CHECK(opening_fails(location) == Errc::damaged);
  spit(location.store, rekeyed);
  spit(location.anchor, old_anchor);
  CHECK_FALSE(opening_fails(location));
}

TEST_CASE("a store that went on elsewhere is refused also with the anchored link written into it") {
  Fixture f;
  f.issue("victim");
  const Location location = f.home.location();
  const std::string fork = slurp(location.store);
  f.authority->revoke(f.owner, "victim"); // event 3, which the anchor has
  const std::string head = query_sql(location, "SELECT hex(link) FROM event WHERE seq = 3");
  const std::string anchor = slurp(location.anchor);
  const std::string ours = slurp(location.store);
  spit(location.store, fork);
  std::filesystem::remove(location.anchor);
  f.reopen();
  for (int i = 0; i < 4; ++i) {
    f.issue("other-" + std::to_string(i));
  }
  spit(location.anchor, anchor);
  CHECK(opening_fails(location) == Errc::damaged);
  run_sql(location, "UPDATE event SET link = x'" + head + "' WHERE seq = 3");
  CHECK(opening_fails(location) == Errc::damaged);
  spit(location.store, ours);
  CHECK_FALSE(opening_fails(location));
}
