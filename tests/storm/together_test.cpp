// The real binary, many at once. CAPLET_STORM multiplies the rounds (./dev soak).

#include "core/token_string.hpp"
#include "tests/storm/caplet.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

/// So many processes after each other in each of so many threads, from an empty home on.
void create_at_once(int creators, int each) {
  const TemporaryHome home;
  const auto count = static_cast<std::size_t>(creators);
  std::vector<std::vector<std::string>> tokens(count);
  std::vector<double> longest(count);
  std::vector<int> failed(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < each; ++n) {
        const auto start = std::chrono::steady_clock::now();
        std::string output;
        failed[i] += run(home, {"token", "create", "-n", fmt::format("creator-{}-{}", i, n)}, output) == 0 ? 0 : 1;
        longest[i] =
            std::max(longest[i], std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        tokens[i].push_back(first_line(output));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const SystemClock clock;
  const auto store = open_store(home.location());
  Authority authority(*store, clock);
  int valid = 0;
  std::set<std::string> ids;
  for (const auto& list : tokens) {
    for (const std::string& token : list) {
      const Verdict verdict = authority.verify(token);
      valid += verdict.valid() ? 1 : 0;
      ids.insert(verdict.token ? verdict.token->id : "");
    }
  }
  WARN("creators " << creators << " commits " << creators * each << " lost " << creators * each - valid
                   << " duplicates " << valid - static_cast<int>(ids.size()) << " longest wait "
                   << *std::max_element(longest.begin(), longest.end()) * 1000 << " ms");
  CHECK(std::count(failed.begin(), failed.end(), 0) == creators);
  CHECK(valid == creators * each);
  CHECK(ids.size() == static_cast<std::size_t>(creators * each));
  CHECK(count_events(home.location()) == creators * each + 1);
}

} // namespace

TEST_CASE("eight creators at once lose nothing") { create_at_once(8, rounds(100)); }

TEST_CASE("thirty-two creators at once lose nothing") { create_at_once(32, rounds(25)); }

TEST_CASE("one name asked for by eight at once is given once") {
  const TemporaryHome home;
  std::string ignored;
  REQUIRE(run(home, {"init"}, ignored) == 0);
  for (int round = 0; round < rounds(5); ++round) {
    std::vector<std::unique_ptr<Caplet>> creators;
    for (int i = 0; i < 8; ++i) {
      creators.push_back(std::make_unique<Caplet>(
          home, std::vector<std::string>{"token", "create", "-n", fmt::format("same-{}", round)}));
    }
    std::map<int, int> statuses;
    for (const auto& creator : creators) {
      std::string output;
      ++statuses[creator->wait(output)];
    }
    CHECK(statuses == std::map<int, int>{{0, 1}, {1, 7}});
  }
}

TEST_CASE("uses are counted exactly by eight at once") {
  constexpr int k_uses = 20;
  const TemporaryHome home;
  std::string output;
  REQUIRE(run(home, {"token", "create", "-n", "ci", "--uses", std::to_string(k_uses)}, output) == 0);
  const std::string token = first_line(output);
  std::vector<std::thread> threads;
  std::vector<std::map<int, int>> statuses(8);
  for (auto& counts : statuses) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) {
        std::string ignored;
        ++counts[run(home, {"verify", "--token", token}, ignored)];
      }
    });
  }
  std::map<int, int> total;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    for (const auto& [status, count] : statuses[i]) {
      total[status] += count;
    }
  }
  CHECK(total == std::map<int, int>{{0, k_uses}, {1, 40 - k_uses}});
  const SystemClock clock;
  const auto store = open_store(home.location());
  Authority authority(*store, clock);
  CHECK(authority.find(authority.owner(0), "ci").uses == k_uses);
}
