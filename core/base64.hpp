#pragma once

#include "core/bytes.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The base64 of RFC 4648, read strictly: one spelling for each value. No blanks, no other characters, no bits behind
/// the end; padding exactly where the alphabet has it.
namespace caplet::base64 {

enum class Alphabet {
  standard, ///< section 4, with padding
  url       ///< section 5, without padding: the base64url of RFC 7515, section 2
};

std::string encode(ByteView bytes, Alphabet alphabet);

/// The bytes; nothing for a text that encode() does not write. An empty text is no bytes.
std::optional<Bytes> decode(std::string_view text, Alphabet alphabet);

/// The same into `out`; false where the text does not hold exactly so many bytes.
bool decode(std::string_view text, std::span<unsigned char> out, Alphabet alphabet) noexcept;

} // namespace caplet::base64
