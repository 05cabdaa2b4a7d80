// What a verify and a create cost in the process, against SQLite doing the same reading and writing on the same file.
// The raw lookup reads the row and no more: no hash of the token, nothing opened, nothing checked. Of 1,000 tokens,
// nearly all are known from before (store/known_tokens.hpp), as the pages are to SQLite; of 100,000 and more, nearly
// none.

#include "core/authority.hpp"
#include "core/text.hpp"
#include "store/open_store.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/raw.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace caplet;
using bench::fill;
using bench::RawConnection;

constexpr int k_per_round = 20000;
constexpr int k_commits_per_round = 50;

void bench_verify(const Location& location, const Clock& clock, int count, bench::Limits limits) {
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const auto strings = fill(*store, count, limits);
  const bool limited = limits != bench::Limits::none;
  const Presented presented = limited ? Presented{{"orders:read"}, {}, parse_address("10.1.2.3"), {}} : Presented{};
  std::mt19937 random(1); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same order for both
  RawConnection raw(location.store.string());
  sqlite3_stmt* lookup = raw.prepare("SELECT sealed FROM record WHERE id = ?1");
  const auto pick = [&]() -> const std::string& { return strings[random() % strings.size()]; };
  bench::compare(
      fmt::format("verify{}, {} tokens", limited ? ", scope and network" : "", count), "raw lookup", 15, k_per_round,
      [&] {
        for (int i = 0; i < k_per_round; ++i) {
          if (!authority.verify(pick(), presented).valid()) {
            std::abort();
          }
        }
      },
      [&] {
        for (int i = 0; i < k_per_round; ++i) {
          const std::string& token = pick();
          sqlite3_bind_text(lookup, 1, token.data() + 8, static_cast<int>(k_id_length), SQLITE_STATIC);
          if (sqlite3_step(lookup) != SQLITE_ROW || sqlite3_column_bytes(lookup, 0) == 0) {
            std::abort();
          }
          sqlite3_reset(lookup);
        }
      },
      "rate at least 70 %");
  sqlite3_finalize(lookup);
}

void bench_create(const Location& location, const Clock& clock, const std::string& raw_path) {
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const Actor owner = authority.owner(0);
  RawConnection raw(raw_path);
  raw.exec("CREATE TABLE row(id TEXT PRIMARY KEY, bytes BLOB)");
  sqlite3_stmt* insert = raw.prepare("INSERT INTO row VALUES(?1, randomblob(256))");
  int number = 0;
  bench::compare(
      "durable create", "raw one-row commit", 15, k_commits_per_round,
      [&] {
        for (int i = 0; i < k_commits_per_round; ++i) {
          authority.issue(owner, {fmt::format("bench-{}", number++), "made for a measurement", std::nullopt});
        }
      },
      [&] {
        for (int i = 0; i < k_commits_per_round; ++i) {
          const std::string id = draw_id();
          sqlite3_bind_text(insert, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
          if (sqlite3_step(insert) != SQLITE_DONE) {
            std::abort();
          }
          sqlite3_reset(insert);
        }
      },
      "time at most 1.5 x");
  sqlite3_finalize(insert);
}

} // namespace

int main() {
  const SystemClock clock;
  const bench::TemporaryDirectory directory;
  const auto location_in = [&](const std::string& name) {
    const auto path = directory.path() / name;
    return Location{path / "store.db", path / "key", false, path / "anchor", path / "store.db.reserve"};
  };
  const bool quick = std::getenv("CAPLET_BENCH_QUICK") != nullptr;
  for (const auto limits : {bench::Limits::none, bench::Limits::scopes_and_networks}) {
    for (const int count : {1000, 100000, 1000000}) {
      if (count > 100000 && (quick || limits == bench::Limits::none)) {
        continue;
      }
      const Location location = location_in(fmt::format("verify-{}-{}", count, static_cast<int>(limits)));
      create_store(location, {"cpl", "bench", 0}, clock);
      bench_verify(location, clock, count, limits);
      std::filesystem::remove_all(location.store.parent_path());
    }
  }
  const Location location = location_in("create");
  create_store(location, {"cpl", "bench", 0}, clock);
  bench_create(location, clock, (directory.path() / "raw.db").string());
}
