#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/secret.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace caplet {

/// Builds byte strings of length-prefixed parts, so that no two lists of parts give the same bytes. Integers are
/// little-endian; a length is a u32.
class Parts {
public:
  Parts& text(std::string_view value) { return bytes(as_bytes(value)); }
  Parts& bytes(ByteView value);
  Parts& number(std::uint64_t value); ///< a part of 8 bytes

  ByteView view() const noexcept { return {m_more.empty() ? m_room.data() : m_more.data(), m_size}; }
  void clear() noexcept { m_size = 0; }

private:
  /// Where the next `size` bytes go.
  unsigned char* take(std::size_t size);

  std::array<unsigned char, 256> m_room{}; ///< enough for nearly all: a record's additional data, a name
  Bytes m_more;                            ///< where that is not enough: room for all
  std::size_t m_size = 0;
};

/// Writes a sealed record's content: fields `tag:u8 length:u32 value` in ascending order of tag. A field that has its
/// default value is left out.
/// Wipes what it wrote when it dies: a keyring passes through it.
class FieldWriter {
public:
  static constexpr std::size_t k_no_secret = 1024; ///< room that malloc has at hand, for what is written by the million

  /// `room`: more than a record with a secret takes, so that no copy is left behind where it grew.
  explicit FieldWriter(std::size_t room = 2048) { m_out.reserve(room); }
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;
  ~FieldWriter() { wipe(m_out); }

  void text(std::uint8_t tag, std::string_view value);
  void bytes(std::uint8_t tag, ByteView value);
  void number(std::uint8_t tag, std::uint64_t value);
  void time(std::uint8_t tag, Instant value);
  void time(std::uint8_t tag, const std::optional<Instant>& value);

  ByteView view() const noexcept { return m_out; }

private:
  void field(std::uint8_t tag, ByteView value);

  Bytes m_out;
};

/// Reads what FieldWriter wrote, strictly, so that each record has one encoding: fields are asked for in ascending
/// order; done() throws if anything is left. All functions throw Error{damaged} for a length that does not fit, time()
/// for one that is not there, number() for a zero, which is left out. REQUIRES: the bytes outlive it.
class FieldReader {
public:
  explicit FieldReader(ByteView bytes) : m_rest(bytes) {}

  std::string_view text(std::uint8_t tag) { return as_text(value(tag)); }
  ByteView value(std::uint8_t tag); ///< empty where the field is not there
  std::uint64_t number(std::uint8_t tag);
  Instant time(std::uint8_t tag);
  std::optional<Instant> optional_time(std::uint8_t tag);
  Digest digest(std::uint8_t tag);
  bool at_end() const noexcept { return m_rest.empty(); }
  void done() const;

private:
  ByteView m_rest;
};

/// Throws Error{damaged}: what was authenticated does not read as it should.
[[noreturn]] void throw_malformed_record();

/// A number as a value of an enum whose values are those from `least` to `most`. Throws Error{damaged}.
template <typename Enum>
Enum checked_enum(std::uint64_t value, Enum least, Enum most) {
  if (value < static_cast<std::uint64_t>(least) || value > static_cast<std::uint64_t>(most)) {
    throw_malformed_record();
  }
  return static_cast<Enum>(value);
}

} // namespace caplet
