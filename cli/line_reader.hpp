#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// The lines of a descriptor, one in memory at a time. A line may hold a secret: what was read is wiped when this ends.
class LineReader {
public:
  static constexpr std::size_t k_longest = 1U << 20U;
  /// What becomes of a line that is longer than k_longest: an error, or its first k_longest bytes.
  enum class TooLong : std::uint8_t { refused, cut };

  explicit LineReader(int fd, TooLong too_long = TooLong::refused) : m_fd(fd), m_too_long(too_long) {}
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  /// The next line without its end (LF or CRLF), valid until the next call; the last may lack its end. Nothing at the
  /// end of the input. Throws Error{failed} where it cannot be read, or is longer than k_longest and refused.
  std::optional<std::string_view> next();
  /// Whether next() would find something to read within `time`: more of the input, or its end.
  bool is_ready(std::chrono::milliseconds time);
  /// Number of the line that next() gave last, from 1.
  std::size_t number() const noexcept { return m_number; }
  /// How many bytes were read, those of lines to come included.
  std::uint64_t bytes() const noexcept { return m_bytes; }

private:
  std::string_view rest() const noexcept { return {m_buffer.data() + m_at, m_end - m_at}; }
  void keep(std::string_view part);
  bool fill();

  int m_fd;
  TooLong m_too_long;
  std::array<char, 1U << 16U> m_buffer{};
  std::size_t m_at = 0;
  std::size_t m_end = 0;
  std::string m_line; ///< one that lay across two reads
  std::size_t m_number = 0;
  std::uint64_t m_bytes = 0;
};

} // namespace caplet
