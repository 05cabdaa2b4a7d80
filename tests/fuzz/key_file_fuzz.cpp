// The key file: one text for each key, and anything else is damage.

#include "core/crc32.hpp"
#include "core/error.hpp"
#include "store/key_file.hpp"
#include "tests/fuzz/input.hpp"

#include <fmt/format.h>

using namespace caplet;
using fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const bool mended = in.byte() % 2 == 1;
  std::string text(in.rest());
  if (mended) { // the checksum put right, so that the rest of the reader is reached
    text += fmt::format(" {:08x}\n", crc32(text));
  }
  try {
    const KeyFile key = parse_key_file(text, "/key");
    require(format_key_file(key).text() == text, "a key file that is read is written back equal");
  } catch (const Error& e) {
    require(e.code() == Errc::damaged, "a bad key file is a damaged one");
    require(!e.hint().empty(), "a refusal has a hint");
  }
  return 0;
}
