// Bytes that must not leak.

#include "core/secret.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace caplet;

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST_CASE("a secret cannot be printed, formatted or copied") {
  STATIC_REQUIRE_FALSE(Streamable<Secret>);
  STATIC_REQUIRE_FALSE(fmt::is_formattable<Secret>::value);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Secret>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<Secret>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string_view>);
  STATIC_REQUIRE(Streamable<std::string>); // the questions can be answered with yes
  STATIC_REQUIRE(fmt::is_formattable<std::string>::value);
}

TEST_CASE("a secret is moved, not left behind") {
  Secret a(std::string_view("hunter2"));
  Secret b(std::move(a));
  CHECK(a.empty()); // NOLINT(bugprone-use-after-move): that is the question
  CHECK(b.text() == "hunter2");
  b.truncate(3);
  CHECK(b.text() == "hun");
}

namespace {

void fill(Secret& secret, unsigned char value) { std::fill(secret.data().begin(), secret.data().end(), value); }

bool is_filled(const Secret& secret, unsigned char value) {
  const ByteView bytes = secret.view();
  return std::all_of(bytes.begin(), bytes.end(), [&](unsigned char byte) { return byte == value; });
}

/// Makes secrets of all sizes, keeps some of them, and looks at what they hold. Answers how many did not hold it.
int juggle(unsigned int seed, int rounds) {
  std::mt19937 random(seed);
  std::vector<Secret> kept;
  std::vector<unsigned char> values;
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    if (kept.size() < 40) {
      kept.emplace_back(random() % 1500 + 1);
      wrong += is_filled(kept.back(), 0) ? 0 : 1;
      values.push_back(static_cast<unsigned char>(random() % 255 + 1));
      fill(kept.back(), values.back());
    } else {
      const std::size_t at = random() % kept.size();
      wrong += is_filled(kept[at], values[at]) ? 0 : 1;
      if (random() % 2 == 0) {
        kept[at].truncate(random() % (kept[at].size() + 1));
      } else {
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(at));
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }
  return wrong;
}

/// Whether reading there ends a process.
bool is_forbidden(const unsigned char* at) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    static_cast<void>(::signal(SIGSEGV, SIG_DFL));
    ::_exit(*const_cast<const volatile unsigned char*>(at) & 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

} // namespace

TEST_CASE("secrets keep out of each other's way, whoever makes them") {
  CHECK(juggle(1, 20'000) == 0);
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&wrong, i] { wrong[i] = juggle(static_cast<unsigned int>(i), 5000); });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  CHECK(wrong == std::array<int, 4>{});
}

TEST_CASE("a secret that is gone leaves zeros, where the next one is made") {
  const unsigned char* place = nullptr;
  {
    Secret one(100);
    fill(one, 7);
    one.truncate(10);
    place = one.view().data();
  }
  CHECK(std::all_of(place, place + 100, [](unsigned char byte) { return byte == 0; }));
  const Secret next(100);
  CHECK(next.view().data() == place);
}

TEST_CASE("all small secrets can be wiped at once") {
  Secret one(std::size_t{32});
  Secret other(std::size_t{1024});
  fill(one, 7);
  fill(other, 7);
  wipe_small_secrets();
  CHECK(is_filled(one, 0));
  CHECK(is_filled(other, 0));
}

TEST_CASE("secrets lie in memory that nothing else runs into") {
  // All that a page has room for, so that the first and the last place are among them; and one of its own.
  std::vector<Secret> all;
  all.reserve(100);
  for (int i = 0; i < 100; ++i) {
    all.emplace_back(std::size_t{64});
  }
  const Secret large(5000);
  const auto page_of = [](const Secret& secret) {
    return reinterpret_cast<std::uintptr_t>(secret.view().data()) / 4096;
  };
  const auto shared =
      std::count_if(all.begin(), all.end(), [&](const Secret& each) { return page_of(each) == page_of(all[0]); });
  CHECK(shared >= 32); // other tests may hold some
  CHECK(shared <= 64);
  const unsigned char* page = reinterpret_cast<const unsigned char*>(page_of(all[0]) * 4096); // NOLINT
  CHECK(is_forbidden(page + 4096));
  CHECK(is_forbidden(page - 4096 - 1));
  CHECK(is_forbidden(large.view().data() + large.size()));
  CHECK_FALSE(is_forbidden(page));
}
