// The power is cut at a random moment of twenty transactions. CAPLET_STORM multiplies the cuts (./dev soak).

#include "tests/faults/power_vfs.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <utility>

using namespace caplet;
using namespace caplet::test;

namespace {

namespace fs = std::filesystem;

constexpr int k_transactions = 20;
constexpr int k_cuts = 500;
constexpr int k_cuts_without_syncs = 100;
constexpr int k_operations_of_four = 190; // and of the run; a transaction takes some thirty of them

/// What a store holds, as far as this test changes it.
struct Contents {
  struct State {
    bool is_revoked = false;
    bool is_used = false;
    bool operator==(const State&) const = default;
  };
  std::map<std::string, State> tokens; ///< by name
  std::uint64_t events = 0;
  bool operator==(const Contents&) const = default;
};

Contents read(Store& store) {
  Contents contents;
  store.each_token([&](const Token& token) {
    contents.tokens[token.name] = {token.revoked_at.has_value(), token.last_used_at.has_value()};
    return true;
  });
  store.each_event(0, [&](const Event&) { return ++contents.events > 0; });
  return contents;
}

/// What was acknowledged, and what there is if the change that is under way comes through as well.
struct Progress {
  Contents acknowledged;
  Contents next;
  std::map<std::string, std::string> tokens; ///< the acknowledged ones, by name
};

/// Two changes.
void run_function(Authority& authority, const Actor& owner, Progress& progress) {
  progress.next.events += 1;
  const FunctionRun run = authority.prepare_run(owner, "hello", std::nullopt);
  authority.begin_run(owner, run);
  progress.acknowledged = progress.next;
  progress.next.events += 1;
  authority.end_run(owner, run, "exit status 0");
}

/// The tokens are made in pairs; of each the second is used, and then the first revoked, and a function run. Throws
/// where the power goes.
void change_store(Authority& authority, const PowerVfs& power, std::mt19937& random, Progress& progress) {
  const Actor owner = authority.owner(0);
  for (int i = 0; i < k_transactions && !power.is_cut(); ++i) {
    const auto name = [&](int back) { return fmt::format("t{}", i - back); };
    progress.next = progress.acknowledged;
    if (i % 4 == 3) {
      progress.next.tokens[name(3)].is_revoked = true;
      progress.next.events += 1;
      authority.revoke(owner, name(3));
      progress.acknowledged = progress.next;
      run_function(authority, owner, progress);
      progress.acknowledged = progress.next;
      continue;
    }
    if (i % 4 == 2) {
      progress.next.tokens[name(1)].is_used = true;
      authority.note_use(authority.verify(progress.tokens[name(1)]));
      if (power.is_cut()) {
        break; // it never throws
      }
    } else {
      progress.next.tokens[name(0)] = {};
      progress.next.events += 1;
      const std::string description(random() % 257, 'x'); // some take a page more, and some do not
      progress.tokens[name(0)] = authority.issue(owner, {name(0), description, std::nullopt}).secret.text();
    }
    progress.acknowledged = progress.next;
  }
}

/// What is wrong with a store after the power was cut; nothing where all is well.
std::string wrong_with(const Location& location, const Progress& progress, const Clock& clock) {
  try {
    const auto store = open_store(location);
    for (const auto& problem : store->check({}).problems) {
      return problem.place + ": " + problem.what;
    }
    const Contents found = read(*store);
    if (found != progress.acknowledged && found != progress.next) {
      return fmt::format("{} tokens and {} events; acknowledged are {} and {}", found.tokens.size(), found.events,
                         progress.acknowledged.tokens.size(), progress.acknowledged.events);
    }
    Authority authority(*store, clock);
    for (const auto& [name, token] : progress.tokens) {
      if (authority.verify(token).valid() == found.tokens.at(name).is_revoked) {
        return name + " is not what it was";
      }
    }
    authority.issue(authority.owner(0), {"afterwards", "", std::nullopt});
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

Location location_in(const fs::path& home) { return {home / "store.db", home / "key", false}; }

/// Many power cuts, each in a store of its own.
class Cuts {
public:
  explicit Cuts(PowerDisk::Honours honours) : m_honours(honours) {
    m_base.issue("old");
    m_base.authority->create_function(m_base.owner, "hello", {}, as_bytes("#!/bin/sh\n"), Authority::OnTaken::refuse);
    m_progress.acknowledged = m_progress.next = read(*m_base.store);
    m_operations = run(0, 0).first;
    REQUIRE(m_operations > 10 * k_transactions); // else the shim was not there
  }

  /// The number of operations, and what was wrong when the power was cut at this one.
  std::pair<int, std::string> run(int at, std::uint32_t seed, PowerDisk::Fate fate = PowerDisk::Fate::drawn) const {
    const TemporaryHome place;
    fs::copy(m_base.home.path(), place.path() / "before", fs::copy_options::recursive);
    Progress progress = m_progress;
    std::mt19937 random(seed);
    PowerVfs power(m_honours);
    power.cut_at(at, seed, fate);
    try {
      const auto store = open_store(location_in(place.path() / "before"));
      Authority authority(*store, m_base.clock);
      change_store(authority, power, random, progress);
    } catch (const Error&) {
      if (!power.is_cut()) {
        throw;
      }
    }
    if (!power.is_cut()) {
      return {power.operations(), ""};
    }
    // The machine starts again: the same directory as the disk has it, and SQLite's ordinary VFS.
    const Location after = location_in(place.path() / "after");
    fs::create_directory(place.path() / "after");
    fs::permissions(place.path() / "after", fs::perms::owner_all);
    fs::copy(place.path() / "before/key", after.key);
    for (const auto& [name, bytes] : power.contents()) {
      spit(place.path() / "after" / name, bytes);
      fs::permissions(place.path() / "after" / name, fs::perms::owner_read | fs::perms::owner_write);
    }
    power.leave();
    return {power.operations(), wrong_with(after, progress, m_base.clock)};
  }

  /// How many of so many cuts at random moments end badly. The first one's trouble is put into `example`.
  int bad_of(int cuts, std::string& example) const {
    int bad = 0;
    for (int seed = 1; seed <= cuts; ++seed) {
      std::mt19937 random(static_cast<std::uint32_t>(seed));
      const int at = std::uniform_int_distribution<int>(1, m_operations)(random);
      const std::string wrong = run(at, static_cast<std::uint32_t>(seed)).second;
      if (!wrong.empty() && bad++ == 0) {
        example = fmt::format("seed {}, operation {}: {}", seed, at, wrong);
      }
    }
    return bad;
  }

private:
  PowerDisk::Honours m_honours;
  Fixture m_base;
  Progress m_progress;
  int m_operations = 0;
};

} // namespace

TEST_CASE("the power is cut: what was acknowledged is there, what was not is there whole or not at all") {
  const int cuts = rounds(k_cuts);
  std::string example;
  const int bad = Cuts(PowerDisk::Honours::all_syncs).bad_of(cuts, example);
  WARN("power cuts " << cuts << " of " << k_transactions << " transactions, bad " << bad);
  INFO(example);
  CHECK(bad == 0);
}

// A disk that was writing may leave anything in the sectors it was at, those with the headers of both files included.
TEST_CASE("the power is cut at each operation of the first changes, and leaves rubbish") {
  const Cuts cuts(PowerDisk::Honours::all_syncs);
  for (int at = 1; at <= k_operations_of_four; ++at) {
    INFO("operation " << at);
    CHECK(cuts.run(at, 0, PowerDisk::Fate::rubbish).second == "");
  }
}

// Else the first test would prove nothing.
TEST_CASE("the power is cut, and syncs did nothing: it shows") {
  std::string example;
  const int no_syncs = Cuts(PowerDisk::Honours::nothing).bad_of(k_cuts_without_syncs, example);
  const int no_directory_syncs = Cuts(PowerDisk::Honours::file_syncs_only).bad_of(k_cuts_without_syncs, example);
  WARN("power cuts " << k_cuts_without_syncs << ", bad without syncs " << no_syncs
                     << ", without those of the directory " << no_directory_syncs << " (" << example << ")");
  CHECK(no_syncs > 0);
  CHECK(no_directory_syncs > 0);
}
