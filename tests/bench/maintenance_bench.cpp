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

using bench::Key;

void bench_check(const Location& location, const std::string& raw_path) {
  constexpr int k_count = 100000;
  const auto store = open_store(location);
  bench::fill(*store, k_count);
  Key key{};
  RawConnection raw(raw_path);
  bench::fill_raw(raw, key, k_count);
  bench::compare(
      fmt::format("store check, {} records", k_count), "raw read and decrypt", 5, k_count,
      [&] {
        if (!store->check({}).problems.empty()) {
          std::abort();
        }
      },
      [&] { bench::decrypt_all(raw, key); }, "time at most 3 x");
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
