#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// An IPv4 or IPv6 address. An IPv4 address written as an IPv6 one (::ffff:192.0.2.1, RFC 4291 section 2.5.5.2), as a
/// dual-stack server sees its clients, is the IPv4 address.
struct IpAddress {
  enum class Family : std::uint8_t { v4 = 4, v6 = 6 };
  Family family = Family::v4;
  std::array<unsigned char, 16> bytes{}; ///< of an IPv4 address the first four; the rest is zero

  bool operator==(const IpAddress&) const = default;
};

/// Nothing for what is not an address: no name, no port, no zone (`%eth0`), no octal or short forms of IPv4.
std::optional<IpAddress> parse_address(std::string_view text) noexcept;
/// As RFC 5952 writes it.
std::string to_text(const IpAddress& address);

/// A block of addresses (CIDR, RFC 4632 and RFC 4291): all whose first `bits` bits are those of `address`.
struct Network {
  IpAddress address; ///< the bits behind the first `bits` are zero
  std::uint8_t bits = 0;

  /// An address of the other family is never in it.
  bool contains(const IpAddress& other) const noexcept;
  bool contains(const Network& other) const noexcept;
  bool operator==(const Network&) const = default;
};

/// Reads `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a block of one. Throws Error{usage}, also where bits
/// are set behind the mask: 10.0.0.1/8 may mean 10.0.0.0/8 or 10.0.0.1/32.
Network parse_network(std::string_view text);
std::string to_text(const Network& network);

} // namespace caplet
