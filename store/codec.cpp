#include "store/codec.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <array>

namespace caplet {
namespace {

template <typename Integer>
constexpr std::array<unsigned char, sizeof(Integer)> little_endian(Integer value) {
  std::array<unsigned char, sizeof(Integer)> bytes{};
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  }
  return bytes;
}

template <typename Integer>
Integer get(ByteView bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(bytes[i]) << (8 * i);
  }
  return value;
}

} // namespace

void throw_malformed_record() {
  throw Error(Errc::damaged, "a record is authentic but does not read as one",
              "it may come from a newer caplet; otherwise restore the store from a backup");
}

unsigned char* Parts::take(std::size_t size) {
  const std::size_t room = m_more.empty() ? m_room.size() : m_more.size();
  if (room - m_size < size) {
    const bool is_first = m_more.empty();
    m_more.resize(2 * (m_size + size));
    if (is_first) {
      std::copy_n(m_room.begin(), m_size, m_more.begin());
    }
  }
  unsigned char* const at = (m_more.empty() ? m_room.data() : m_more.data()) + m_size;
  m_size += size;
  return at;
}

Parts& Parts::bytes(ByteView value) {
  unsigned char* const out = take(sizeof(std::uint32_t) + value.size());
  const auto length = little_endian(static_cast<std::uint32_t>(value.size()));
  std::copy(value.begin(), value.end(), std::copy(length.begin(), length.end(), out));
  return *this;
}

Parts& Parts::number(std::uint64_t value) { return bytes(little_endian(value)); }

void FieldWriter::field(std::uint8_t tag, ByteView value) {
  const auto length = little_endian(static_cast<std::uint32_t>(value.size()));
  std::array<unsigned char, 1 + length.size()> head{tag};
  std::copy(length.begin(), length.end(), head.begin() + 1);
  m_out.insert(m_out.end(), head.begin(), head.end());
  m_out.insert(m_out.end(), value.begin(), value.end());
}

void FieldWriter::bytes(std::uint8_t tag, ByteView value) {
  if (!value.empty()) {
    field(tag, value);
  }
}

void FieldWriter::text(std::uint8_t tag, std::string_view value) { bytes(tag, as_bytes(value)); }

void FieldWriter::number(std::uint8_t tag, std::uint64_t value) {
  if (value != 0) {
    field(tag, little_endian(value));
  }
}

void FieldWriter::time(std::uint8_t tag, Instant value) {
  field(tag, little_endian(static_cast<std::uint64_t>(value.time_since_epoch().count())));
}

void FieldWriter::time(std::uint8_t tag, const std::optional<Instant>& value) {
  if (value) {
    time(tag, *value);
  }
}

ByteView FieldReader::value(std::uint8_t tag) {
  constexpr std::size_t k_head = 1 + sizeof(std::uint32_t);
  if (m_rest.empty() || m_rest.front() != tag) {
    return {};
  }
  if (m_rest.size() < k_head) {
    throw_malformed_record();
  }
  const auto length = get<std::uint32_t>(m_rest.subspan(1, sizeof(std::uint32_t)));
  if (length == 0 || length > m_rest.size() - k_head) {
    throw_malformed_record();
  }
  const ByteView found = m_rest.subspan(k_head, length);
  m_rest = m_rest.subspan(k_head + length);
  return found;
}

std::uint64_t FieldReader::number(std::uint8_t tag) {
  const ByteView bytes = value(tag);
  if (bytes.empty()) {
    return 0;
  }
  if (bytes.size() != sizeof(std::uint64_t)) {
    throw_malformed_record();
  }
  const auto number = get<std::uint64_t>(bytes);
  if (number == 0) {
    throw_malformed_record();
  }
  return number;
}

Instant FieldReader::time(std::uint8_t tag) {
  const auto time = optional_time(tag);
  if (!time) {
    throw_malformed_record();
  }
  return *time;
}

std::optional<Instant> FieldReader::optional_time(std::uint8_t tag) {
  const ByteView bytes = value(tag);
  if (bytes.empty()) {
    return std::nullopt;
  }
  if (bytes.size() != sizeof(std::uint64_t)) {
    throw_malformed_record();
  }
  return Instant(std::chrono::microseconds(static_cast<std::int64_t>(get<std::uint64_t>(bytes))));
}

Digest FieldReader::digest(std::uint8_t tag) {
  const ByteView bytes = value(tag);
  Digest digest{};
  if (bytes.size() != digest.size()) {
    throw_malformed_record();
  }
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

void FieldReader::done() const {
  if (!m_rest.empty()) {
    throw_malformed_record();
  }
}

} // namespace caplet
