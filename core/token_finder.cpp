#include "core/token_finder.hpp"

#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <variant>

namespace caplet {
namespace {

// Of the places in a token, from the underscore behind its prefix.
constexpr std::size_t k_kind_end = 4;
constexpr std::size_t k_id_at = k_kind_end + 1;
constexpr std::size_t k_id_end = k_id_at + k_id_length;
constexpr std::size_t k_secret_at = k_id_end + 1;

bool may_be_mark(const char* at) { return at[0] == '_' && at[k_kind_end - 1] == 't' && at[k_kind_end] == '_'; }

/// The first place from `from` on that may be the underscore behind a token's prefix, with room for the rest of the
/// token. Nearly all bytes that are ever scanned pass through here and no further, so they go in blocks, without a
/// branch for each: compilers make vector instructions of it.
std::size_t next_mark(std::string_view bytes, std::size_t from) {
  constexpr std::size_t k_block = 64;
  if (bytes.size() < k_body_length) {
    return std::string_view::npos;
  }
  const std::size_t end = bytes.size() - k_body_length + 1;
  while (from < end) {
    const std::size_t count = std::min(k_block, end - from);
    const char* const at = bytes.data() + from;
    if (count == k_block) {
      unsigned char any = 0;
      for (std::size_t i = 0; i < k_block; ++i) {
        any |= static_cast<unsigned char>(static_cast<unsigned>(at[i] == '_') &
                                          static_cast<unsigned>(at[i + k_kind_end - 1] == 't') &
                                          static_cast<unsigned>(at[i + k_kind_end] == '_'));
      }
      if (any == 0) {
        from += k_block;
        continue;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (may_be_mark(at + i)) {
        return from + i;
      }
    }
    from += count;
  }
  return std::string_view::npos;
}

/// Whether the right kinds of characters stand where a token has them.
bool has_body(std::string_view body) {
  return body[k_id_end] == '_' && base62::is_base62(body.substr(k_id_at, k_id_length)) &&
         base62::is_base62(body.substr(k_secret_at));
}

bool has_right_check(std::string_view token) {
  const std::size_t check_at = token.size() - k_check_length;
  return base62::decode(token.substr(check_at)) == crc32(token.substr(0, check_at));
}

bool is_prefix_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace

TokenFinder::~TokenFinder() { reset(); }

void TokenFinder::reset() {
  wipe({reinterpret_cast<unsigned char*>(m_seam.data()), m_seam.size()});
  m_kept = 0;
  m_offset = 0;
  m_line = 1;
  m_column = 1;
}

void TokenFinder::feed_last(std::string_view chunk) {
  m_counted = 0;
  if (m_kept > 0) {
    const std::size_t taken = std::min(chunk.size(), k_overlap);
    std::copy_n(chunk.begin(), taken, m_seam.begin() + static_cast<std::ptrdiff_t>(m_kept));
    visit_all({m_seam.data(), m_kept + taken}, chunk, Where::across);
  }
  visit_all(chunk, chunk, Where::within);
}

void TokenFinder::feed(std::string_view chunk) {
  feed_last(chunk);
  advance(chunk, chunk.size());
  m_offset += chunk.size();
  // The last bytes of what was fed so far.
  const std::size_t from_chunk = std::min(chunk.size(), k_overlap);
  const std::size_t from_before = std::min(m_kept, k_overlap - from_chunk);
  std::copy_n(m_seam.begin() + static_cast<std::ptrdiff_t>(m_kept - from_before), from_before, m_seam.begin());
  std::copy_n(chunk.end() - static_cast<std::ptrdiff_t>(from_chunk), from_chunk,
              m_seam.begin() + static_cast<std::ptrdiff_t>(from_before));
  m_kept = from_before + from_chunk;
}

void TokenFinder::visit_all(std::string_view bytes, std::string_view chunk, Where where) {
  for (std::size_t mark = next_mark(bytes, 0); mark != std::string_view::npos; mark = next_mark(bytes, mark + 1)) {
    if (!has_body(bytes.substr(mark, k_body_length))) {
      continue;
    }
    // What stands before the mark may be a prefix, or end with one: the checksum tells.
    std::size_t first = mark;
    while (first > 0 && mark - first < k_longest_prefix && is_prefix_character(bytes[first - 1])) {
      --first;
    }
    const std::size_t end = mark + k_body_length;
    if (where == Where::across && end <= m_kept) {
      continue; // it was told of with the chunk before
    }
    const std::size_t starts_behind = where == Where::across ? std::min(mark, m_kept) : mark;
    for (std::size_t start = first; start < starts_behind; ++start) {
      const std::string_view text = bytes.substr(start, end - start);
      if (!has_right_check(text)) {
        continue;
      }
      const auto parsed = parse_token(text);
      if (const auto* parts = std::get_if<TokenParts>(&parsed)) {
        tell(text, *parts, start, chunk, where);
      }
    }
  }
}

void TokenFinder::tell(std::string_view text, const TokenParts& parts, std::size_t start, std::string_view chunk,
                       Where where) {
  if (where == Where::across) { // it has no newline in it, and its characters are bytes
    const std::size_t before = m_kept - start;
    m_visit({text, parts, m_offset - before, m_line, m_column - before});
    return;
  }
  advance(chunk, start);
  m_visit({text, parts, m_offset + start, m_line, m_column});
}

void TokenFinder::advance(std::string_view chunk, std::size_t to) {
  if (to <= m_counted) { // a second token behind the same mark
    return;
  }
  const std::string_view passed = chunk.substr(m_counted, to - m_counted);
  m_counted = to;
  const auto newlines = static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
  if (newlines == 0) {
    m_column += characters(passed);
    return;
  }
  m_line += newlines;
  m_column = 1 + characters(passed.substr(passed.rfind('\n') + 1));
}

} // namespace caplet
