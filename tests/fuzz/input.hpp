#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace caplet::fuzz {

/// A property that holds for every input. libFuzzer keeps the input of an abort.
inline void require(bool holds, const char* property) {
  if (!holds) {
    std::fprintf(stderr, "property violated: %s\n", property);
    std::abort();
  }
}

/// The bytes of one run, taken off from the front; zeros where they are used up.
class Input {
public:
  Input(const std::uint8_t* data, std::size_t size) : m_rest(data, size) {}

  bool empty() const { return m_rest.empty(); }
  std::uint8_t byte() {
    if (m_rest.empty()) {
      return 0;
    }
    const std::uint8_t first = m_rest.front();
    m_rest = m_rest.subspan(1);
    return first;
  }
  std::size_t pair() {
    const std::size_t low = byte();
    return low + std::size_t{256} * byte();
  }
  std::string_view bytes(std::size_t most) {
    const auto taken = m_rest.first(most < m_rest.size() ? most : m_rest.size());
    m_rest = m_rest.subspan(taken.size());
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  std::string_view rest() { return bytes(m_rest.size()); }

private:
  std::span<const std::uint8_t> m_rest;
};

} // namespace caplet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
