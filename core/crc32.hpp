#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace caplet {

namespace detail {
inline constexpr auto k_crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) {
      c = (c & 1U) != 0 ? (c >> 1U) ^ 0xEDB88320U : c >> 1U;
    }
    table[i] = c;
  }
  return table;
}();
} // namespace detail

/// CRC-32/ISO-HDLC (the CRC of zip, gzip and Ethernet; check value of "123456789": 0xCBF43926). It finds every change
/// that lies within 32 consecutive bits, so each single mistyped character and each pair of swapped neighbours. It is a
/// guard against typing errors and against false finds in a scan, not against an attacker.
/// Source: the CRC catalogue of Greg Cook, entry CRC-32/ISO-HDLC.
constexpr std::uint32_t crc32(std::string_view text) noexcept {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc = detail::k_crc32_table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  }
  return crc ^ 0xFFFFFFFFU;
}

static_assert(crc32("123456789") == 0xCBF43926U);

} // namespace caplet
