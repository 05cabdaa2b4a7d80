#include "cli/look_limit.hpp"

#include <catch2/catch.hpp>

namespace caplet {
namespace {

/// How many are looked at where each takes so long.
std::size_t looked_at(std::chrono::microseconds each) {
  LookLimit::TimePoint now{};
  LookLimit limit([&] { return now; });
  std::size_t looked = 0;
  do {
    now += each;
    ++looked;
  } while (limit.goes_on());
  return looked;
}

} // namespace

TEST_CASE("a look goes through 5,000 however long it takes", "[completion]") {
  CHECK(looked_at(std::chrono::seconds(1)) == 5000);
  CHECK(looked_at(std::chrono::microseconds(3)) == 5000);
}

TEST_CASE("a look goes on while there is time", "[completion]") {
  CHECK(looked_at(std::chrono::microseconds(1)) == 13000);
  CHECK(looked_at(std::chrono::microseconds(2)) == 6500);
}

} // namespace caplet
