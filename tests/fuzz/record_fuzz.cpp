// What stands inside a sealed record: read strictly, so that each record has one encoding.

#include "core/error.hpp"
#include "store/function_codec.hpp"
#include "store/record_codec.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>

using namespace caplet;
using fuzz::require;

namespace {

template <typename Decode>
void check_round_trip(ByteView content, const Decode& decode) {
  try {
    FieldWriter again;
    encode(again, decode(content));
    require(std::ranges::equal(again.view(), content), "what is decoded is encoded back equal");
  } catch (const Error& e) {
    require(e.code() == Errc::damaged, "a bad record is a damaged one");
  }
}

/// Fields in any order and of any type, as no record has them.
void check_reader(ByteView content, fuzz::Input in) {
  try {
    FieldReader reader(content);
    while (!in.empty()) {
      const std::uint8_t tag = in.byte();
      switch (in.byte() % 5) {
      case 0:
        reader.text(tag);
        break;
      case 1:
        reader.number(tag);
        break;
      case 2:
        reader.time(tag);
        break;
      case 3:
        reader.optional_time(tag);
        break;
      default:
        reader.digest(tag);
      }
    }
    reader.done();
  } catch (const Error& e) {
    require(e.code() == Errc::damaged, "a bad field is damage");
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const std::uint8_t which = in.byte();
  const ByteView content = as_bytes(in.rest());
  switch (which % 7) {
  case 0:
    check_round_trip(content, [](ByteView bytes) { return decode_token("Aa1aaaaaaaaa", bytes); });
    break;
  case 1:
    check_round_trip(content, [](ByteView bytes) { return decode_account("Aa1aaaaaaaaa", bytes); });
    break;
  case 2:
    check_round_trip(content, decode_event);
    break;
  case 3:
    check_round_trip(content, decode_policy);
    break;
  case 4:
    check_round_trip(content, [](ByteView bytes) { return decode_function("Aa1aaaaaaaaa", bytes); });
    break;
  case 5:
    check_round_trip(content, [](ByteView bytes) { return decode_credential("Aa1aaaaaaaaa", bytes); });
    break;
  default:
    check_reader(content, fuzz::Input(data, size));
  }
  return 0;
}
