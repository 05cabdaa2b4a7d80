// What a verify and a create cost in the process, against SQLite doing the same reading and writing on the same file.

#include "core/authority.hpp"
#include "core/text.hpp"
#include "store/open_store.hpp"
#include "tests/bench/bench.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace caplet;

constexpr int k_per_round = 20000;
constexpr int k_commits_per_round = 50;

/// A raw connection with the pragmas that the store uses.
class RawConnection {
public:
  explicit RawConnection(const std::string& path) {
    check(sqlite3_open_v2(path.c_str(), &m_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA cell_size_check = ON; PRAGMA temp_store = "
         "MEMORY");
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection() { sqlite3_close_v2(m_handle); }
  void exec(const char* sql) { check(sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(m_handle, sql, -1, &statement, nullptr));
    return statement;
  }
  static void check(int status) {
    if (status != SQLITE_OK) {
      fmt::print(stderr, "raw SQLite failed: {}\n", sqlite3_errstr(status));
      std::abort();
    }
  }

private:
  sqlite3* m_handle = nullptr;
};

/// Tokens put into the store in one transaction, and their strings.
std::vector<std::string> fill(Store& store, int count) {
  std::vector<std::string> strings;
  const auto change = store.begin();
  Token token;
  token.account = store.info().account;
  token.description = "made for a measurement";
  token.created_at = SystemClock().now();
  token.expires_at = token.created_at + std::chrono::days(90);
  for (int i = 0; i < count; ++i) {
    token.id = draw_id();
    token.name = fmt::format("token-{}", i);
    const Secret secret = draw_token(store.info().prefix, token.kind, token.id);
    token.digest = store.token_digest(secret.text());
    change->insert(token);
    strings.emplace_back(secret.text());
  }
  change->commit();
  return strings;
}

void bench_verify(const Location& location, const Clock& clock, int count) {
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const auto strings = fill(*store, count);
  std::mt19937 random(1); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same order for both
  RawConnection raw(location.store.string());
  sqlite3_stmt* lookup = raw.prepare("SELECT sealed FROM record WHERE id = ?1");
  const auto pick = [&]() -> const std::string& { return strings[random() % strings.size()]; };
  bench::compare(
      fmt::format("verify, {} tokens", count), "raw lookup", 15, k_per_round,
      [&] {
        for (int i = 0; i < k_per_round; ++i) {
          if (!authority.verify(pick()).valid()) {
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
    return Location{path / "store.db", path / "key", false};
  };
  for (const int count : {1000, 100000}) {
    const Location location = location_in(fmt::format("verify-{}", count));
    create_store(location, {"cpl", "bench", 0}, clock);
    bench_verify(location, clock, count);
  }
  const Location location = location_in("create");
  create_store(location, {"cpl", "bench", 0}, clock);
  bench_create(location, clock, (directory.path() / "raw.db").string());
}
