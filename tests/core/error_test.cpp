#include "core/error.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string_view>

using namespace caplet;

// Scripts depend on the numbers: a change here is a change of the interface.
TEST_CASE("exit statuses are those of the contract") {
  CHECK(errc_info(Errc::failed).exit_status == 1);
  CHECK(errc_info(Errc::refused).exit_status == 1);
  CHECK(errc_info(Errc::denied).exit_status == 1);
  CHECK(errc_info(Errc::usage).exit_status == 2);
  CHECK(errc_info(Errc::undecided).exit_status == 2);
  CHECK(errc_info(Errc::cancelled).exit_status == 3);
  CHECK(errc_info(Errc::rejected).exit_status == 4);
  CHECK(errc_info(Errc::not_found).exit_status == 5);
  CHECK(errc_info(Errc::ambiguous).exit_status == 5);
  CHECK(errc_info(Errc::busy).exit_status == 6);
  CHECK(errc_info(Errc::unavailable).exit_status == 6);
  CHECK(errc_info(Errc::locked).exit_status == 7);
  CHECK(errc_info(Errc::damaged).exit_status == 8);
}

TEST_CASE("every kind of error has a name of its own and a sentence") {
  std::set<std::string_view> names;
  for (const ErrcInfo& info : errc_table()) {
    CHECK(names.insert(info.name).second);
    CHECK_FALSE(info.sentence.empty());
    CHECK(info.exit_status > 0);
  }
}
