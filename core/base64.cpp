#include "core/base64.hpp"

#include <sodium.h>

#include <algorithm>

namespace caplet::base64 {
namespace {

int variant_of(Alphabet alphabet) {
  return alphabet == Alphabet::standard ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
}

/// How many bytes were written, if the text is well formed and they have room. libsodium refuses other characters,
/// wrong padding and bits behind the end; but 1.0.18 takes bytes with the highest bit set for the two characters that
/// are neither letters nor digits.
std::optional<std::size_t> decode_some(std::string_view text, std::span<unsigned char> out, Alphabet alphabet) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return std::nullopt;
  }
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end,
                        variant_of(alphabet)) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  return length;
}

} // namespace

std::string encode(ByteView bytes, Alphabet alphabet) {
  const int variant = variant_of(alphabet);
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back(); // the closing zero
  return text;
}

std::optional<Bytes> decode(std::string_view text, Alphabet alphabet) {
  if (text.empty()) {
    return Bytes(); // libsodium wants an address to write to
  }
  Bytes bytes(text.size());
  const auto length = decode_some(text, bytes, alphabet);
  if (!length) {
    return std::nullopt;
  }
  bytes.resize(*length);
  return bytes;
}

bool decode(std::string_view text, std::span<unsigned char> out, Alphabet alphabet) noexcept {
  return decode_some(text, out, alphabet) == out.size();
}

} // namespace caplet::base64
