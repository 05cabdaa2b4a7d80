#include "core/base62.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caplet::base62 {
namespace {

constexpr std::size_t k_most_digits = 10; // 62^10 < 2^64

constexpr auto k_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < k_alphabet.size(); ++i) {
    values[static_cast<unsigned char>(k_alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

/// The digit that a random byte stands for; 0 where it would favour a digit: 256 is no multiple of 62.
constexpr auto k_drawn = [] {
  std::array<char, 256> digits{};
  for (std::size_t byte = 0; byte < digits.size() / k_alphabet.size() * k_alphabet.size(); ++byte) {
    digits[byte] = k_alphabet[byte % k_alphabet.size()];
  }
  return digits;
}();

template <typename Next>
void fill(std::span<char> out, const Next& next) {
  for (char& c : out) {
    do {
      c = k_drawn[next()];
    } while (c == 0);
  }
}

} // namespace

int value(char digit) noexcept { return k_values[static_cast<unsigned char>(digit)]; }

bool is_base62(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return value(c) >= 0; });
}

void draw(std::span<char> out) noexcept {
  std::array<unsigned char, 64> pool{};
  const std::size_t size = std::min(pool.size(), out.size() + out.size() / 8 + 3); // 3 % of bytes are not fair
  std::size_t used = size;
  fill(out, [&] {
    if (used == size) {
      randombytes_buf(pool.data(), size);
      used = 0;
    }
    return pool[used++];
  });
  sodium_memzero(pool.data(), pool.size());
}

void Digits::draw(std::span<char> out) {
  constexpr std::size_t k_size = 512;
  if (m_pool.empty()) {
    m_pool = Secret(k_size);
    m_used = k_size;
  }
  fill(out, [pool = m_pool.data(), this] {
    if (m_used == k_size) {
      randombytes_buf(pool.data(), k_size);
      m_used = 0;
    }
    return std::exchange(pool[m_used++], static_cast<unsigned char>(0)); // none is there for longer than it has to be
  });
}

void encode(std::uint64_t number, std::span<char> out) noexcept {
  for (std::size_t i = out.size(); i-- > 0; number /= k_alphabet.size()) {
    out[i] = k_alphabet[number % k_alphabet.size()];
  }
}

std::optional<std::uint64_t> decode(std::string_view digits) noexcept {
  if (digits.empty() || digits.size() > k_most_digits) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (const char c : digits) {
    const int digit = value(c);
    if (digit < 0) {
      return std::nullopt;
    }
    number = number * k_alphabet.size() + static_cast<std::uint64_t>(digit);
  }
  return number;
}

} // namespace caplet::base62
