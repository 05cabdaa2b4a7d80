// What looking at a whole store costs, opening one, and giving it a new key.

#include "core/clock.hpp"
#include "store/open_store.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/raw.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace caplet;
using bench::RawConnection;

using Key = std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>;

/// As many sealed rows as a store has, with the columns and sizes of a token's record, in a table of our own.
void fill_raw(RawConnection& raw, const Key& key, int count) {
  constexpr std::size_t k_content = 192;
  std::array<unsigned char, 24> nonce{};
  std::array<unsigned char, 160> additional{};
  std::array<unsigned char, k_content> content{};
  std::array<unsigned char, 24 + k_content + 16> sealed{};
  raw.exec("CREATE TABLE row(seq INTEGER PRIMARY KEY, kind, id, revision, epoch, name_index, sealed); BEGIN");
  sqlite3_stmt* insert = raw.prepare("INSERT INTO row VALUES(NULL, 4, 'Aa1bbbbbbbbb', 1, 0, randomblob(16), ?1)");
  for (int i = 0; i < count; ++i) {
    randombytes_buf(nonce.data(), nonce.size());
    std::copy(nonce.begin(), nonce.end(), sealed.begin());
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce.size(), nullptr, content.data(), content.size(),
                                               additional.data(), additional.size(), nullptr, nonce.data(), key.data());
    sqlite3_bind_blob(insert, 1, sealed.data(), static_cast<int>(sealed.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(insert) != SQLITE_DONE) {
      std::abort();
    }
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  raw.exec("COMMIT");
}

void decrypt_all(RawConnection& raw, const Key& key) {
  std::array<unsigned char, 160> additional{};
  std::vector<unsigned char> content(4096);
  sqlite3_stmt* select = raw.prepare("SELECT sealed, seq, kind, id, revision, epoch, name_index FROM row ORDER BY seq");
  while (sqlite3_step(select) == SQLITE_ROW) {
    const auto* sealed = static_cast<const unsigned char*>(sqlite3_column_blob(select, 0));
    const auto size = static_cast<unsigned long long>(sqlite3_column_bytes(select, 0));
    sqlite3_int64 numbers = 0;
    for (const int column : {1, 2, 4, 5}) {
      numbers += sqlite3_column_int64(select, column);
    }
    if (numbers == 0 || sqlite3_column_text(select, 3) == nullptr || sqlite3_column_blob(select, 6) == nullptr) {
      std::abort();
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, sealed + 24, size - 24,
                                                   additional.data(), additional.size(), sealed, key.data()) != 0) {
      std::abort();
    }
  }
  sqlite3_finalize(select);
}

void bench_check(const Location& location, const std::string& raw_path) {
  constexpr int k_count = 100000;
  const auto store = open_store(location);
  bench::fill(*store, k_count);
  Key key{};
  RawConnection raw(raw_path);
  fill_raw(raw, key, k_count);
  bench::compare(
      fmt::format("store check, {} records", k_count), "raw read and decrypt", 5, k_count,
      [&] {
        if (!store->check({}).problems.empty()) {
          std::abort();
        }
      },
      [&] { decrypt_all(raw, key); }, "time at most 3 x");
}

void bench_rekey(const Location& location) {
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto store = open_store(location);
  Event event;
  event.time = SystemClock().now();
  const double time = bench::seconds([&] { store->rekey({}, event, {}); });
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  fmt::print("{:<34} {:>9.2f} s    the peak of memory grew by {} KiB   (target: under 30 s, flat)\n",
             fmt::format("rekey, {} records", store->facts().records), time, after.ru_maxrss - before.ru_maxrss);
}

void bench_open(const Location& small, const Location& large, int count) {
  constexpr int k_opens = 200;
  bench::fill(*open_store(small), 1000);
  bench::fill(*open_store(large), count);
  const auto opens = [](const Location& location) {
    return [&] {
      for (int i = 0; i < k_opens; ++i) {
        open_store(location);
      }
    };
  };
  bench::compare(fmt::format("open, {} records", count), "open, 1000 records", 15, k_opens, opens(large), opens(small),
                 "time at most 1.5 x");
}

} // namespace

int main() {
  const bench::TemporaryDirectory directory;
  const auto make = [&](const std::string& name) {
    const auto path = directory.path() / name;
    Location location{path / "store.db", path / "key", false, path / "anchor", path / "store.db.reserve"};
    create_store(location, {"cpl", "bench", 0}, SystemClock());
    return location;
  };
  const Location checked = make("check");
  bench_check(checked, (directory.path() / "raw.db").string());
  bench_rekey(checked);
  if (std::getenv("CAPLET_BENCH_QUICK") == nullptr) {
    bench_open(make("small"), make("large"), 1000000);
  }
}
