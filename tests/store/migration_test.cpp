// Stores as every released format made them: tests/vectors/format-<n>, with its key and its tokens.

#include "core/error.hpp"
#include "store/migration.hpp"
#include "store/schema.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

namespace fs = std::filesystem;

struct VectorToken {
  std::string name;
  std::string verdict;
  std::string token;
};

/// A copy of a vector store with the modes that git does not keep.
struct VectorStore {
  explicit VectorStore(int format) {
    const fs::path from = fs::path(CAPLET_VECTORS) / ("format-" + std::to_string(format));
    for (const char* file : {"store.db", "key"}) {
      fs::copy_file(from / file, home.path() / file);
      fs::permissions(home.path() / file, fs::perms::owner_read | fs::perms::owner_write);
    }
    std::ifstream list(from / "tokens.txt");
    for (VectorToken each; list >> each.name >> each.verdict >> each.token;) {
      tokens.push_back(each);
    }
    REQUIRE(tokens.size() >= 4);
  }
  TemporaryHome home;
  std::vector<VectorToken> tokens;
};

} // namespace

TEST_CASE("a store of every format that was released opens, and all of it is there") {
  const std::string mint = "account.pat.mint";
  const std::map<int, std::vector<std::string>> actions_of{
      {1, {"store.create", mint, mint, mint, mint, "account.pat.revoke", "store.migrate", "store.migrate"}},
      {2,
       {"store.create", mint, mint, mint, mint, "account.pat.revoke", "store.key.add", "store.rekey", mint,
        "store.migrate"}},
      {3,
       {"store.create",
        mint,
        mint,
        mint,
        mint,
        "account.pat.revoke",
        "account.sat.mint",
        mint,
        "account.pat.rotate",
        "account.pat.retire",
        "account.pat.rotate",
        "store.jwks.create",
        "account.sat.mint",
        "store.jwks.rotate",
        "store.policy.set",
        "function.create",
        "account.login.keep",
        "auth.reuse",
        "store.rekey",
        mint}}};
  for (const auto& [format, expected] : actions_of) {
    INFO("format " << format);
    const VectorStore vector(format);
    const Location location = vector.home.location();
    const std::string before = slurp(location.store);
    FixedClock clock;
    const auto store = open_store(location);
    Authority authority(*store, clock);
    const std::map<std::string, Reason> reasons{
        {"valid", Reason::ok}, {"revoked", Reason::revoked}, {"expired-from-2027-01-01", Reason::expired}};
    for (const VectorToken& each : vector.tokens) {
      INFO(each.name);
      CHECK(authority.verify(each.token).reason == reasons.at(each.verdict));
    }
    std::vector<std::string> actions;
    store->each_event(0, [&](const Event& event) {
      actions.push_back(event.action);
      CHECK(event.salt.size() == 16);
      return true;
    });
    CHECK(actions == expected);
    CHECK(store->check({}).problems.empty());
    const Location copy{migration_backup(location, static_cast<std::uint64_t>(format)), location.key};
    if (format == k_schema_version) {
      CHECK_FALSE(fs::exists(copy.store));
      continue;
    }
    // The copy of before is what was there, and opens with the same key.
    CHECK(query_sql(copy, "PRAGMA user_version") == std::to_string(format));
    CHECK(query_sql(copy, "SELECT group_concat(hex(sealed)) FROM record") == [&] {
      spit(vector.home.path() / "original.db", before);
      return query_sql({vector.home.path() / "original.db", {}}, "SELECT group_concat(hex(sealed)) FROM record");
    }());
    CHECK_FALSE(opening_fails(copy));
  }
}

TEST_CASE("a store of format 3 has all that its tokens and its owner said") {
  const VectorStore vector(3);
  const FixedClock clock;
  const auto store = open_store(vector.home.location());
  Authority authority(*store, clock);
  const Token limited = authority.find(authority.owner(0), "limited");
  CHECK(limited.kind == TokenKind::sat);
  CHECK(limited.scopes == std::vector<std::string>{"orders:*", "run:hello"});
  CHECK(limited.networks == std::vector<Network>{parse_network("10.0.0.0/8"), parse_network("fd00::/8")});
  CHECK(limited.audiences == std::vector<std::string>{"orders"});
  CHECK(limited.uses_limit == 5);
  CHECK(limited.idle_limit == std::chrono::hours(30 * 24));
  CHECK(limited.meta == std::vector<std::pair<std::string, std::string>>{{"team", "ops"}});
  CHECK(limited.not_before > limited.created_at);
  const Token rotated = authority.find(authority.owner(0), "rotated");
  CHECK(rotated.previous);
  CHECK(rotated.retired.size() == 1);
  CHECK(authority.find(authority.owner(0), "jwt").format == TokenFormat::jwt);
  CHECK(authority.published_keys().size() == 2);
  CHECK(authority.policy().most_sats == 100U);
}

TEST_CASE("a store of format 2 opens by its passphrase") {
  VectorStore vector(2);
  fs::remove(vector.home.location().key);
  CHECK(opening_fails(vector.home.location()) == Errc::locked);
  const Unlocking unlocking = passphrase("correct horse battery staple");
  CHECK(open_store(vector.home.location(), Opening::strict, unlocking)->check({}).problems.empty());
}

TEST_CASE("an old store that was tampered with is not brought to the new format") {
  for (const std::string sql : {"DELETE FROM record WHERE kind = 4", "DELETE FROM event WHERE seq = 6",
                                "UPDATE event SET link = zeroblob(32) WHERE seq = 2", "DELETE FROM event",
                                "UPDATE slot SET params = x'00'", "CREATE TABLE planted(x)"}) {
    INFO(sql);
    const VectorStore vector(1);
    run_sql(vector.home.location(), sql);
    const std::string before = slurp(vector.home.location().store);
    const auto code = opening_fails(vector.home.location());
    CHECK((code == Errc::damaged || code == Errc::locked));
    CHECK(slurp(vector.home.location().store) == before);
  }
}
