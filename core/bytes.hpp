#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

using Bytes = std::vector<unsigned char>;
using ByteView = std::span<const unsigned char>;

/// 32 bytes of BLAKE2b output: a keyed token hash, an audit link.
using Digest = std::array<unsigned char, 32>;

inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// SHA-256 (FIPS 180-4).
Digest sha256(ByteView bytes) noexcept;

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);

/// Reads exactly `out.size()` bytes of lower-case hexadecimal; false for anything else. Runs in constant time over the
/// digits (libsodium), so that key material may pass through it.
bool from_hex(std::string_view hex, std::span<unsigned char> out) noexcept;

} // namespace caplet
