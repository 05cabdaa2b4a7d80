#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace caplet {

namespace detail {
/// k_crc32_tables[n][b]: the CRC of byte b followed by n zero bytes, for taking eight bytes at a time ("slicing by 8",
/// Kounavis and Berry, 2005).
inline constexpr auto k_crc32_tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) {
      c = (c & 1U) != 0 ? (c >> 1U) ^ 0xEDB88320U : c >> 1U;
    }
    tables[0][i] = c;
  }
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[n][i] = (tables[n - 1][i] >> 8U) ^ tables[0][tables[n - 1][i] & 0xFFU];
    }
  }
  return tables;
}();
} // namespace detail

/// CRC-32/ISO-HDLC (the CRC of zip, gzip and Ethernet; check value of "123456789": 0xCBF43926). It finds every change
/// that lies within 32 consecutive bits, so each single mistyped character and each pair of swapped neighbours. It is a
/// guard against typing errors and against false finds in a scan, not against an attacker.
/// Source: the CRC catalogue of Greg Cook, entry CRC-32/ISO-HDLC.
constexpr std::uint32_t crc32(std::string_view text) noexcept {
  const auto& tables = detail::k_crc32_tables;
  std::uint32_t crc = 0xFFFFFFFFU;
  const auto byte = [&text](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
  for (; text.size() >= 8; text.remove_prefix(8)) {
    const std::uint32_t low = crc ^ (byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U);
    crc = tables[7][low & 0xFFU] ^ tables[6][(low >> 8U) & 0xFFU] ^ tables[5][(low >> 16U) & 0xFFU] ^
          tables[4][low >> 24U] ^ tables[3][byte(4)] ^ tables[2][byte(5)] ^ tables[1][byte(6)] ^ tables[0][byte(7)];
  }
  for (const char c : text) {
    crc = tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  }
  return crc ^ 0xFFFFFFFFU;
}

static_assert(crc32("123456789") == 0xCBF43926U);

} // namespace caplet
