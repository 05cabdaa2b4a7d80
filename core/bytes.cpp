#include "core/bytes.hpp"

#include <sodium.h>

namespace caplet {

Digest sha256(ByteView bytes) noexcept {
  static_assert(std::tuple_size_v<Digest> == crypto_hash_sha256_BYTES);
  Digest digest{};
  crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  return digest;
}

std::string to_hex(ByteView bytes) {
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

bool from_hex(std::string_view hex, std::span<unsigned char> out) noexcept {
  if (hex.size() != out.size() * 2) {
    return false;
  }
  for (const char c : hex) {
    if (c >= 'A' && c <= 'F') { // one spelling for each value, so that a flipped bit never reads back the same
      return false;
    }
  }
  std::size_t length = 0;
  const char* end = nullptr;
  return sodium_hex2bin(out.data(), out.size(), hex.data(), hex.size(), nullptr, &length, &end) == 0 &&
         length == out.size() && end == hex.data() + hex.size();
}

} // namespace caplet
