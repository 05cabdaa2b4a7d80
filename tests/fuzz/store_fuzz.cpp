// The whole store's file with bytes changed: it answers as before, or it is refused.

#include "tests/fuzz/input.hpp"
#include "tests/fuzz/scene.hpp"

using namespace caplet;

namespace {

constexpr std::size_t k_page = 4096;

/// One change of the bytes. An input is a list of them, so that it stays small where the file is not.
void change(std::string& bytes, fuzz::Input& in, const fuzz::Scene& scene) {
  const auto place = [&] { return bytes.empty() ? 0 : in.pair() % bytes.size(); };
  const int kind = in.byte() % 6;
  const std::size_t at = place();
  switch (kind) {
  case 0: {
    const std::string_view written = in.bytes(in.byte() % 32);
    bytes.replace(at, written.size(), written); // at the end it grows
    break;
  }
  case 1: {
    const std::string moved = bytes.substr(place(), in.pair() % k_page);
    bytes.replace(at, moved.size(), moved);
    break;
  }
  case 2:
    if (!bytes.empty()) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (in.byte() % 8)));
    }
    break;
  case 3: { // a page as it was before
    const std::size_t page = at / k_page * k_page;
    if (page < scene.older_whole.size()) {
      bytes.replace(page, k_page, scene.older_whole, page, k_page);
    }
    break;
  }
  case 4:
    bytes.resize(at);
    break;
  default:
    bytes.append(in.byte() * std::size_t{64}, static_cast<char>(in.byte()));
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scene scene;
  fuzz::Input in(data, size);
  std::string bytes = scene.whole;
  while (!in.empty()) {
    change(bytes, in, scene);
  }
  scene.put(bytes);
  scene.check();
  return 0;
}
