#include "store/anchor.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/codec.hpp"
#include "store/files.hpp"
#include "store/seal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace caplet {
namespace {

constexpr std::string_view k_head = "CAPLET-ANCHOR-1";

Digest mac_of(const Digest& key, const Anchor& anchor) {
  Parts parts;
  parts.text("caplet/anchor/v1").bytes(anchor.store).number(anchor.commit).number(anchor.events);
  parts.bytes(anchor.audit_head);
  return keyed_hash(key, parts.view());
}

std::string line_of(const Digest& key, const Anchor& anchor) {
  return fmt::format("{} {} {} {} {} {}\n", k_head, to_hex(anchor.store), anchor.commit, anchor.events,
                     to_hex(anchor.audit_head), to_hex(mac_of(key, anchor)));
}

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Nothing for what is not a line of ours. Whether it is exactly as it was written is for the MAC, and for writing it
/// again, to say.
std::optional<Anchor> parse(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty() && words.size() < 7) {
    const auto end = line.find_first_of(" \n");
    words.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  Anchor anchor;
  const bool reads = words.size() == 6 && words[0] == k_head && from_hex(words[1], anchor.store) &&
                     read_number(words[2], anchor.commit) && read_number(words[3], anchor.events) &&
                     from_hex(words[4], anchor.audit_head);
  return reads ? std::optional(anchor) : std::nullopt;
}

} // namespace

Anchor anchor_of(const StoreId& store, const State& state) noexcept {
  return {store, state.commit, state.events, state.audit_head};
}

Digest anchor_key(ByteView token_key) { return keyed_hash(token_key, as_bytes("caplet/anchor-key/v1")); }

std::optional<Anchor> read_anchor(const std::filesystem::path& path, const Digest& key) {
  constexpr std::size_t k_longest = 512;
  std::string text;
  try {
    text = read_small_private_file(path, "the anchor", k_longest);
  } catch (const Error& e) {
    if (e.code() == Errc::missing) {
      return std::nullopt;
    }
    throw;
  }
  if (text.empty()) {
    return std::nullopt;
  }
  const auto anchor = parse(text);
  if (!anchor || !same_bytes(as_bytes(line_of(key, *anchor)), as_bytes(text))) {
    throw Error(Errc::damaged,
                fmt::format("the anchor {} is damaged, or belongs to another store", escape(path.string(), 4096)),
                "if you put this store here on purpose: caplet store check --accept-rollback");
  }
  return anchor;
}

bool write_anchor(const std::filesystem::path& path, const Digest& key, const Anchor& anchor) noexcept {
  try {
    const std::string line = line_of(key, anchor);
    if (!overwrite_private_file(path, line)) { // the first, one of another length, or one that somebody else made
      replace_private_file(path, line);
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace caplet
