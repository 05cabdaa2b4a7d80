#pragma once

#include "core/secret.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace caplet::base62 {

/// `0-9A-Za-z`, in this order: the digit values of every base62 number in caplet.
inline constexpr std::string_view k_alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The value of one digit, or -1.
int value(char digit) noexcept;

/// Whether every character is a digit. True for an empty text.
bool is_base62(std::string_view text) noexcept;

/// Fills `out` with uniformly drawn digits: random bytes from libsodium, those that would bias a digit thrown away (one
/// call to the kernel for a whole token, where randombytes_uniform makes one for each digit).
/// REQUIRES: require_sodium() was called.
void draw(std::span<char> out) noexcept;

/// The same for many, in fewer calls to the kernel: what it has not given yet lies in locked memory. REQUIRES: the
/// process does not fork in its lifetime, or both would draw the same.
class Digits {
public:
  /// Throws std::bad_alloc.
  void draw(std::span<char> out);

private:
  Secret m_pool;
  std::size_t m_used = 0;
};

/// Writes `number` with leading zeros, most significant digit first. REQUIRES: it fits.
void encode(std::uint64_t number, std::span<char> out) noexcept;

/// Reads up to ten digits; nothing for another character or length.
std::optional<std::uint64_t> decode(std::string_view digits) noexcept;

} // namespace caplet::base62
