#include "core/network.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace caplet {
namespace {

constexpr std::size_t k_v4_size = 4;
constexpr std::size_t k_v6_size = 16;
constexpr unsigned k_mapped_bits = 96; // ::ffff:0:0/96

unsigned bits_of(IpAddress::Family family) { return family == IpAddress::Family::v4 ? 8 * k_v4_size : 8 * k_v6_size; }

bool is_mapped(const std::array<unsigned char, k_v6_size>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char b) { return b == 0; }) && bytes[10] == 0xFF &&
         bytes[11] == 0xFF;
}

/// As it is written; an IPv4 address in IPv6's form is still one of IPv6.
std::optional<IpAddress> parse_literally(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address;
  if (::inet_pton(AF_INET, terminated.data(), address.bytes.data()) == 1) {
    return address;
  }
  address.family = IpAddress::Family::v6;
  if (::inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) {
    return address;
  }
  return std::nullopt;
}

IpAddress unmapped(const IpAddress& address) noexcept {
  if (address.family == IpAddress::Family::v4 || !is_mapped(address.bytes)) {
    return address;
  }
  IpAddress v4;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

/// Whether the first `bits` bits are the same.
bool same_head(const std::array<unsigned char, k_v6_size>& a, const std::array<unsigned char, k_v6_size>& b,
               unsigned bits) noexcept {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) {
    return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

IpAddress masked(IpAddress address, unsigned bits) {
  for (unsigned bit = bits; bit < 8 * k_v6_size; ++bit) {
    address.bytes[bit / 8] &= static_cast<unsigned char>(~(0x80U >> (bit % 8)));
  }
  return address;
}

Error no_network(std::string_view text) {
  return {Errc::usage, fmt::format("\"{}\" is not a network", escape(text, 80)),
          "write it as 10.0.0.0/8, fd00::/8, or one address"};
}

} // namespace

std::optional<IpAddress> parse_address(std::string_view text) noexcept {
  const auto address = parse_literally(text);
  return address ? std::optional(unmapped(*address)) : std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == IpAddress::Family::v4 ? AF_INET : AF_INET6;
  ::inet_ntop(family, address.bytes.data(), text.data(), text.size());
  return text.data();
}

bool Network::contains(const IpAddress& other) const noexcept {
  return other.family == address.family && same_head(address.bytes, other.bytes, bits);
}

bool Network::contains(const Network& other) const noexcept { return other.bits >= bits && contains(other.address); }

Network parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto written = parse_literally(text.substr(0, slash));
  if (!written) {
    throw no_network(text);
  }
  unsigned bits = bits_of(written->family);
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const bool leading_zero = digits.size() > 1 && digits.front() == '0';
    if (error != std::errc() || end != digits.data() + digits.size() || leading_zero ||
        bits > bits_of(written->family)) {
      throw no_network(text);
    }
  }
  if (masked(*written, bits) != *written) {
    throw Error(Errc::usage, fmt::format("the network \"{}\" has bits set behind its mask", escape(text, 80)),
                fmt::format("all of it is {}/{}; the one address is {}", to_text(masked(*written, bits)), bits,
                            to_text(*written)));
  }
  Network network{unmapped(*written), static_cast<std::uint8_t>(bits)};
  if (network.address.family != written->family) { // then the mask is at least as long as the prefix
    network.bits = static_cast<std::uint8_t>(bits - k_mapped_bits);
  }
  return network;
}

std::string to_text(const Network& network) {
  return network.bits == bits_of(network.address.family) ? to_text(network.address)
                                                         : fmt::format("{}/{}", to_text(network.address), network.bits);
}

} // namespace caplet
