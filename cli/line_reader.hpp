#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// The lines of a descriptor, one in memory at a time. A line may hold a secret: what was read is wiped when this ends.
class LineReader {
public:
  static constexpr std::size_t k_longest = 1U << 20U;

  explicit LineReader(int fd) : m_fd(fd) {}
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  /// The next line without its end (LF or CRLF), valid until the next call; the last may lack its end. Nothing at the
  /// end of the input. Throws Error{failed} where it cannot be read, or is longer than k_longest.
  std::optional<std::string_view> next();
  /// Number of the line that next() gave last, from 1.
  std::size_t number() const noexcept { return m_number; }

private:
  int m_fd;
  std::array<char, 1U << 16U> m_buffer{};
  std::size_t m_at = 0;
  std::size_t m_end = 0;
  std::string m_line; ///< one that lay across two reads
  std::size_t m_number = 0;
};

} // namespace caplet
