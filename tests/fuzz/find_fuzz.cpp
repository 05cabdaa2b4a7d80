// Tokens in a stream: every range of bytes that is a token is found, no other, and wherever the stream is cut.

#include "core/base62.hpp"
#include "core/crc32.hpp"
#include "core/token_finder.hpp"
#include "tests/fuzz/input.hpp"

#include <tuple>
#include <vector>

using namespace caplet;
using fuzz::require;

namespace {

using Seen = std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t, std::uint64_t>>;

/// A stream of the input's bytes, with a right token wherever it says so.
std::string stream_of(fuzz::Input& in) {
  constexpr std::uint8_t k_token = 0xF7; // in no UTF-8 text
  std::string stream;
  while (!in.empty() && stream.size() < 4096) {
    const std::uint8_t byte = in.byte();
    if (byte != k_token) {
      stream += static_cast<char>(byte);
      continue;
    }
    std::string token = in.byte() % 2 == 0 ? "cpl_pat_" : "a1_sat_";
    for (std::size_t i = 0; i < k_id_length; ++i) {
      token += base62::k_alphabet[in.byte() % base62::k_alphabet.size()];
    }
    token += "_" + std::string(k_secret_length, 'x');
    std::string check(k_check_length, '\0');
    base62::encode(crc32(token), check);
    stream += token + check;
  }
  return stream;
}

Seen find(std::string_view stream, std::size_t first, std::size_t then) {
  Seen seen;
  TokenFinder finder([&](const TokenSighting& each) {
    require(std::holds_alternative<TokenParts>(parse_token(each.text)), "what is found is a token");
    seen.emplace_back(each.text, each.offset, each.line, each.column);
  });
  for (std::size_t size = first; stream.size() > size; size = then) {
    finder.feed(std::string(stream.substr(0, size)));
    stream.remove_prefix(size);
  }
  finder.feed_last(std::string(stream));
  return seen;
}

std::size_t count_slowly(std::string_view stream) {
  std::size_t count = 0;
  for (std::size_t start = 0; start < stream.size(); ++start) {
    const std::size_t mark = stream.find('_', start);
    if (mark != std::string_view::npos && mark - start <= k_longest_prefix) {
      const auto text = stream.substr(start, mark - start + k_body_length);
      count += std::holds_alternative<TokenParts>(parse_token(text)) ? 1U : 0U;
    }
  }
  return count;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const std::size_t first = in.byte();
  const std::size_t then = in.byte();
  const std::string stream = stream_of(in);
  const Seen whole = find(stream, SIZE_MAX, 1);
  require(whole.size() == count_slowly(stream), "every token is found");
  for (const auto& [text, offset, line, column] : whole) {
    require(stream.compare(offset, text.size(), text) == 0, "it stands where it is said to be");
    require(column >= 1 && column <= offset + 1 && line <= offset + 1, "its line and column are within the stream");
  }
  require(find(stream, first + 1, then + 1) == whole, "where a stream is cut changes nothing");
  return 0;
}
