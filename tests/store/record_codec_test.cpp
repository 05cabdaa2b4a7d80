#include "core/error.hpp"
#include "store/record_codec.hpp"

#include <catch2/catch.hpp>

using namespace caplet;

namespace {

/// An event's fields, but for what a test puts in place of its time and the user id.
template <typename Time, typename User>
bool is_read(const Time& write_time, const User& write_user) {
  FieldWriter out;
  write_time(out);
  out.text(2, "account.pat.mint");
  out.number(3, 1);
  write_user(out);
  out.number(9, 1);
  try {
    decode_event(out.view());
    return true;
  } catch (const Error& e) {
    CHECK(e.code() == Errc::damaged);
    return false;
  }
}

} // namespace

TEST_CASE("a record has one encoding") {
  const auto time = [](FieldWriter& out) { out.time(1, Instant{}); };
  const auto user = [](FieldWriter& out) { out.number(6, UINT32_MAX); };
  const auto nothing = [](FieldWriter& /*out*/) {};
  CHECK(is_read(time, user));
  CHECK(is_read(time, nothing));
  CHECK_FALSE(is_read(nothing, user));
  CHECK_FALSE(is_read(time, [](FieldWriter& out) { out.bytes(6, Bytes(8)); }));
  CHECK_FALSE(is_read(time, [](FieldWriter& out) { out.number(6, UINT32_MAX + std::uint64_t{1}); }));
}
