// What it costs to make, list and verify many tokens with the program itself, against SQLite and libsodium doing the
// bare work, and against a verify in the process. Rates are of processor time: waiting for the disk is the same for
// all.

#include "core/authority.hpp"
#include "store/open_store.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/program.hpp"
#include "tests/bench/raw.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace caplet;
using bench::RawConnection;

struct Bench {
  std::string caplet;
  std::filesystem::path directory;

  std::string home(const std::string& name) const {
    const auto path = directory / name;
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }
  bench::Ran run(std::vector<std::string> words, const std::string& home, const std::string& input = "/dev/null",
                 int status = 0, bench::Answer answer = bench::Answer::dropped) const {
    words.insert(words.begin(), caplet);
    return bench::run_program(words, home, input, answer, status);
  }
};

Location location_in(const std::string& home) {
  const std::filesystem::path path = home;
  return {path / "store.db", path / "key", false, path / "anchor", path / "store.db.reserve"};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The rows of a store, and writing them anew.
struct RawRows {
  struct Row {
    std::vector<sqlite3_value*> values;
  };
  std::vector<std::string> schema;
  std::vector<Row> records;
  std::vector<Row> events;

  explicit RawRows(const std::string& path) {
    RawConnection from(path);
    sqlite3_stmt* definitions = from.prepare("SELECT sql FROM sqlite_schema");
    while (sqlite3_step(definitions) == SQLITE_ROW) {
      schema.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(definitions, 0)));
    }
    sqlite3_finalize(definitions);
    records = read(from, "SELECT seq, kind, id, revision, epoch, name_index, sealed FROM record ORDER BY seq");
    events = read(from, "SELECT seq, epoch, sealed, link FROM event ORDER BY seq");
  }
  RawRows(const RawRows&) = delete;
  RawRows& operator=(const RawRows&) = delete;
  ~RawRows() {
    for (const auto* rows : {&records, &events}) {
      for (const Row& row : *rows) {
        std::for_each(row.values.begin(), row.values.end(), sqlite3_value_free);
      }
    }
  }

  static std::vector<Row> read(RawConnection& from, const char* sql) {
    std::vector<Row> rows;
    sqlite3_stmt* select = from.prepare(sql);
    while (sqlite3_step(select) == SQLITE_ROW) {
      Row& row = rows.emplace_back();
      for (int column = 0; column < sqlite3_column_count(select); ++column) {
        row.values.push_back(sqlite3_value_dup(sqlite3_column_value(select, column)));
      }
    }
    sqlite3_finalize(select);
    return rows;
  }

  static void insert(sqlite3_stmt* statement, const Row& row) {
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      sqlite3_bind_value(statement, static_cast<int>(i) + 1, row.values[i]);
    }
    if (sqlite3_step(statement) != SQLITE_DONE) {
      std::abort();
    }
    sqlite3_reset(statement);
  }

  /// In the order in which the store writes them: a record, its event.
  void write(const std::string& path) const {
    RawConnection to(path);
    to.exec("PRAGMA secure_delete = ON");
    for (const std::string& definition : schema) {
      to.exec(definition.c_str());
    }
    to.exec("BEGIN IMMEDIATE");
    sqlite3_stmt* record = to.prepare("INSERT INTO record VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    sqlite3_stmt* event = to.prepare("INSERT INTO event VALUES(?1, ?2, ?3, ?4)");
    for (std::size_t i = 0; i < std::max(records.size(), events.size()); ++i) {
      if (i < records.size()) {
        insert(record, records[i]);
      }
      if (i < events.size()) {
        insert(event, events[i]);
      }
    }
    sqlite3_finalize(record);
    sqlite3_finalize(event);
    to.exec("COMMIT");
  }
};

void bench_create(const Bench& bench, int count, int rounds) {
  const auto lines = (bench.directory / "lines.jsonl").string();
  {
    std::ofstream out(lines);
    for (int i = 0; i < count; ++i) {
      out << fmt::format(R"({{"name":"seat-{}","description":"made for a measurement","expires":"90d"}})", i) << '\n';
    }
  }
  std::vector<double> ours;
  std::vector<double> raw;
  std::vector<double> ratio;
  std::vector<double> ratio_by_clock; // with what the disk takes, which is the same for both
  long memory = 0;
  for (int i = 0; i <= rounds; ++i) {
    const std::string home = bench.home("create");
    bench.run({"init"}, home);
    // The first for its memory, the others for their time.
    const auto answer = i == 0 ? bench::Answer::read : bench::Answer::dropped;
    const bench::Ran ran = bench.run({"token", "create", "--from", lines}, home, "/dev/null", 0, answer);
    memory = std::max(memory, ran.most_memory);
    const RawRows rows(home + "/store.db");
    const auto path = (bench.directory / "raw.db").string();
    std::filesystem::remove(path);
    double by_clock = 0;
    const double time = bench::cpu_seconds([&] { by_clock = bench::seconds([&] { rows.write(path); }); });
    if (i > 0) {
      ours.push_back(ran.cpu);
      raw.push_back(time);
      ratio.push_back(ran.cpu / time);
      ratio_by_clock.push_back(ran.seconds / by_clock);
      memory = std::max(memory, ran.most_memory);
    }
  }
  fmt::print("{:<34} {:>9.2f} us   raw bulk insert {:>9.2f} us   rate {:.0f} %, by the clock {:.0f} %, {} KiB   "
             "(target: rate at least 50 %, flat)\n",
             fmt::format("create --from, {} lines", count), median(ours) / count * 1e6, median(raw) / count * 1e6,
             100 / median(ratio), 100 / median(ratio_by_clock), memory);
}

void bench_list(const Bench& bench, int count) {
  const std::string home = bench.home("list");
  create_store(location_in(home), {"cpl", "bench", 0}, SystemClock());
  bench::fill(*open_store(location_in(home)), count);
  bench::Key key{};
  RawConnection raw((bench.directory / "list.db").string());
  bench::fill_raw(raw, key, count);
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratio;
  std::vector<double> first;
  long memory = 0;
  for (int i = 0; i < 4; ++i) {
    const std::vector<std::string> list{"token", "list", "-o", "jsonl"};
    const bench::Ran read = bench.run(list, home, "/dev/null", 0, bench::Answer::read);
    first.push_back(read.first_byte);
    memory = std::max(memory, read.most_memory);
    const bench::Ran ran = bench.run(list, home);
    const double time = bench::cpu_seconds([&] { bench::decrypt_all(raw, key); });
    if (i > 0) {
      ours.push_back(ran.cpu);
      theirs.push_back(time);
      ratio.push_back(ran.cpu / time);
    }
  }
  fmt::print(
      "{:<34} {:>9.2f} us   raw read and decrypt {:>9.2f} us   rate {:.0f} %, first line after {:.1f} ms, {} KiB   "
      "(target: rate at least 50 %, 50 ms, flat)\n",
      fmt::format("list -o jsonl, {} tokens", count), median(ours) / count * 1e6, median(theirs) / count * 1e6,
      100 / median(ratio), median(first) * 1e3, memory);
}

void bench_table(const Bench& bench) {
  const std::string home = bench.home("table");
  create_store(location_in(home), {"cpl", "bench", 0}, SystemClock());
  bench::fill(*open_store(location_in(home)), 1000);
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    times.push_back(bench.run({"token", "list"}, home).seconds);
  }
  fmt::print("{:<34} {:>9.2f} ms   (target: under 30 ms)\n", "table of 1000 tokens", median(times) * 1e3);
}

void bench_batch(const Bench& bench, int count) {
  const std::string home = bench.home("batch");
  create_store(location_in(home), {"cpl", "bench", 0}, SystemClock());
  const auto store = open_store(location_in(home));
  auto strings = bench::fill(*store, count, bench::Limits::scopes_and_networks);
  std::shuffle(strings.begin(), strings.end(),
               std::mt19937(1)); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const auto lines = (bench.directory / "tokens").string();
  {
    std::ofstream out(lines);
    for (const std::string& token : strings) {
      out << token << '\n';
    }
  }
  const SystemClock clock;
  Authority authority(*store, clock);
  const Presented presented{{"orders:read"}, {}, parse_address("10.1.2.3"), {}};
  const auto in_process = [&] {
    return bench::cpu_seconds([&] {
      for (const std::string& token : strings) {
        if (!authority.verify(token, presented).valid()) {
          std::abort();
        }
      }
    });
  };
  const auto batch = [&](const std::string& input, int status, bench::Answer answer = bench::Answer::dropped) {
    return bench.run({"verify", "--batch", "-s", "orders:read", "--ip", "10.1.2.3"}, home, input, status, answer);
  };
  const auto print = [&](const std::string& what, double ours, double theirs, double rate, long memory,
                         const std::string& target) {
    fmt::print("{:<34} {:>9.2f} us   verify in the process {:>9.2f} us   rate {:.0f} %, {} KiB   ({})\n", what,
               ours / count * 1e6, theirs / count * 1e6, rate, memory, target);
  };
  const bench::Ran fresh = batch(lines, 0, bench::Answer::read); // each for the first time: a last use to be stamped
  const double base = in_process();
  print(fmt::format("verify --batch, {}, first use", count), fresh.cpu, base, 100 * base / fresh.cpu, fresh.most_memory,
        "no target: each is a write");
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratio;
  long memory = batch(lines, 0, bench::Answer::read).most_memory;
  for (int i = 0; i < 5; ++i) {
    const bench::Ran ran = batch(lines, 0);
    ours.push_back(ran.cpu);
    theirs.push_back(in_process());
    ratio.push_back(ours.back() / theirs.back());
  }
  print(fmt::format("verify --batch, {}, used before", count), median(ours), median(theirs), 100 / median(ratio),
        memory, "target: rate at least 50 %, flat");
  const auto wrong = (bench.directory / "wrong").string();
  {
    std::ofstream out(wrong);
    for (int i = 0; i < count; ++i) {
      out << draw_token("cpl", TokenKind::pat, draw_id()).text() << '\n';
    }
  }
  const bench::Ran refused = batch(wrong, 1, bench::Answer::read);
  print(fmt::format("verify --batch, {}, refused", count), refused.cpu, base, 100 * base / refused.cpu,
        refused.most_memory, "no target");
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bench_bulk CAPLET\n");
    return 2;
  }
  const bool quick = std::getenv("CAPLET_BENCH_QUICK") != nullptr;
  const bench::TemporaryDirectory directory;
  const Bench bench{std::filesystem::absolute(argv[1]).string(), directory.path()};
  bench_create(bench, 10000, 3); // whose memory is to be the same
  bench_create(bench, 100000, quick ? 1 : 5);
  bench_list(bench, quick ? 100000 : 1000000);
  bench_table(bench);
  bench_batch(bench, 100000);
}
