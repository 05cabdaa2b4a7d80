#pragma once

#include "core/token_string.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace caplet {

/// A token that stands somewhere in a stream of bytes. Views into the bytes that were fed: gone when the call returns.
struct TokenSighting {
  std::string_view text; ///< the whole token: a secret
  TokenParts parts;
  std::uint64_t offset; ///< of its first byte in the stream, from 0
  std::uint64_t line;   ///< from 1; lines end with a newline
  std::uint64_t column; ///< from 1, in code points of UTF-8: bytes that go on with a character are not counted
};

/// Finds every place in a stream where a well-formed token stands whose checksum is right, whatever stands around it:
/// exactly the ranges of bytes that parse_token() reads. The stream may be any bytes, in chunks of any size; a token
/// across their borders is found like any other, and where the borders are changes nothing. Sightings come in the order
/// in which they stand. Memory does not grow with the stream. Threads: one at a time.
class TokenFinder {
public:
  using Visit = std::function<void(const TokenSighting&)>;

  explicit TokenFinder(Visit visit) : m_visit(std::move(visit)) {}
  TokenFinder(const TokenFinder&) = delete;
  TokenFinder& operator=(const TokenFinder&) = delete;
  ~TokenFinder();

  /// The next bytes of the stream. What the visit throws comes through; the finder is of no use then.
  void feed(std::string_view chunk);

  /// The same for the last bytes: it saves counting the lines behind the last token.
  void feed_last(std::string_view chunk);

  /// Ready for another stream.
  void reset();

private:
  /// A byte less than the longest token: what has to be kept of a chunk.
  static constexpr std::size_t k_overlap = k_longest_token - 1;

  enum class Where : std::uint8_t { within, across }; ///< the chunk under way; the border before it

  void visit_all(std::string_view bytes, std::string_view chunk, Where where);
  void tell(std::string_view text, const TokenParts& parts, std::size_t start, std::string_view chunk, Where where);
  void advance(std::string_view chunk, std::size_t to);

  Visit m_visit;
  std::array<char, 2 * k_overlap> m_seam{}; ///< the end of what was fed, and room for the beginning of the next chunk
  std::size_t m_kept = 0;
  std::size_t m_counted = 0;  ///< so far the lines of the chunk are in m_line and m_column
  std::uint64_t m_offset = 0; ///< of the chunk in the stream
  std::uint64_t m_line = 1;
  std::uint64_t m_column = 1;
};

} // namespace caplet
