// The content of a token's record. Declared in record_codec.hpp, described in FORMAT.md.

#include "core/scope.hpp"
#include "store/record_codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_network_size = 18; ///< family, bits, address

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all += (all.empty() ? "" : " ") + text;
  }
  return all;
}

std::vector<std::string> parts_of(std::string_view all) {
  std::vector<std::string> texts;
  if (!all.empty()) {
    texts.reserve(1 + static_cast<std::size_t>(std::count(all.begin(), all.end(), ' ')));
  }
  while (!all.empty()) {
    const auto blank = all.find(' ');
    texts.emplace_back(all.substr(0, blank));
    all.remove_prefix(blank == std::string_view::npos ? all.size() : blank + 1);
    const bool ends_in_a_blank = blank != std::string_view::npos && all.empty();
    if (texts.back().empty() || ends_in_a_blank) {
      throw_malformed_record();
    }
  }
  return texts;
}

void encode_networks(FieldWriter& out, std::uint8_t tag, const std::vector<Network>& networks) {
  Bytes all;
  for (const Network& network : networks) {
    all.push_back(static_cast<unsigned char>(network.address.family));
    all.push_back(network.bits);
    all.insert(all.end(), network.address.bytes.begin(), network.address.bytes.end());
  }
  out.bytes(tag, all);
}

std::vector<Network> decode_networks(ByteView all) {
  if (all.size() % k_network_size != 0) {
    throw_malformed_record();
  }
  std::vector<Network> networks;
  networks.reserve(all.size() / k_network_size);
  for (; !all.empty(); all = all.subspan(k_network_size)) {
    Network network;
    network.address.family = static_cast<IpAddress::Family>(all[0]);
    network.bits = all[1];
    const bool v4 = network.address.family == IpAddress::Family::v4;
    if ((!v4 && network.address.family != IpAddress::Family::v6) || network.bits > (v4 ? 32 : 128)) {
      throw_malformed_record();
    }
    std::copy_n(all.begin() + 2, network.address.bytes.size(), network.address.bytes.begin());
    networks.push_back(network);
  }
  return networks;
}

void encode_meta(FieldWriter& out, std::uint8_t tag, const Token& token) {
  std::string lines;
  for (const auto& [key, value] : token.meta) {
    lines.append(key).append("=").append(value).append("\n");
  }
  out.text(tag, lines);
}

std::vector<std::pair<std::string, std::string>> decode_meta(std::string_view lines) {
  std::vector<std::pair<std::string, std::string>> meta;
  while (!lines.empty()) {
    const auto equals = lines.find('=');
    const auto end = lines.find('\n');
    if (end == std::string_view::npos || equals > end) {
      throw_malformed_record();
    }
    meta.emplace_back(lines.substr(0, equals), lines.substr(equals + 1, end - equals - 1));
    lines.remove_prefix(end + 1);
  }
  return meta;
}

void encode_digests(FieldWriter& out, std::uint8_t tag, const std::vector<Digest>& digests) {
  Bytes all;
  for (const Digest& digest : digests) {
    all.insert(all.end(), digest.begin(), digest.end());
  }
  out.bytes(tag, all);
}

std::vector<Digest> decode_digests(ByteView all) {
  std::vector<Digest> digests;
  if (all.size() % Digest().size() != 0) {
    throw_malformed_record();
  }
  for (; !all.empty(); all = all.subspan(Digest().size())) {
    std::copy_n(all.begin(), Digest().size(), digests.emplace_back().begin());
  }
  if (digests.size() > Token::k_most_retired) {
    throw_malformed_record();
  }
  return digests;
}

constexpr std::uint64_t k_ends_at_first_use = 1; // flags of a previous secret
constexpr std::uint64_t k_replaced = 2;

void encode_previous(FieldWriter& out, const PreviousSecret& previous) {
  out.bytes(24, previous.digest);
  out.time(25, previous.until);
  out.number(26, (previous.ends == PreviousSecret::Ends::at_first_use ? k_ends_at_first_use : 0U) |
                     (previous.replaced ? k_replaced : 0U));
  out.time(27, previous.expires_at);
  out.text(28, previous.signed_by);
}

std::optional<PreviousSecret> decode_previous(FieldReader& in) {
  const ByteView digest = in.value(24);
  if (digest.empty()) {
    return std::nullopt;
  }
  PreviousSecret previous;
  if (digest.size() != previous.digest.size()) {
    throw_malformed_record();
  }
  std::copy(digest.begin(), digest.end(), previous.digest.begin());
  previous.until = in.time(25);
  const std::uint64_t flags = in.number(26);
  if (flags > (k_ends_at_first_use | k_replaced)) {
    throw_malformed_record();
  }
  previous.ends =
      (flags & k_ends_at_first_use) != 0 ? PreviousSecret::Ends::at_first_use : PreviousSecret::Ends::in_time;
  previous.replaced = (flags & k_replaced) != 0;
  previous.expires_at = in.optional_time(27);
  previous.signed_by = in.text(28);
  return previous;
}

} // namespace

void encode(FieldWriter& out, const Token& token) {
  out.number(1, static_cast<std::uint64_t>(token.kind));
  out.text(2, token.account);
  out.text(3, token.name);
  out.text(4, token.description);
  out.text(5, token.created_by);
  out.bytes(6, token.digest);
  out.time(7, token.created_at);
  out.time(8, token.expires_at);
  out.time(9, token.last_used_at);
  out.time(10, token.revoked_at);
  out.text(11, joined(token.scopes));
  out.time(12, token.not_before);
  out.number(13, token.uses_limit);
  out.number(14, token.uses);
  encode_networks(out, 15, token.networks);
  out.text(16, joined(token.audiences));
  out.number(17, static_cast<std::uint64_t>(token.idle_limit.count()));
  encode_meta(out, 18, token);
  out.number(19, static_cast<std::uint64_t>(token.format));
  out.text(20, token.signed_by);
  out.number(21, token.children);
  out.number(22, token.scopes_used);
  out.time(23, token.rotated_at);
  if (token.previous) {
    encode_previous(out, *token.previous);
  }
  encode_digests(out, 29, token.retired);
}

Token decode_token(std::string_view id, ByteView content) {
  Token token;
  decode(token, id, content);
  return token;
}

void decode(Token& token, std::string_view id, ByteView content) {
  FieldReader in(content);
  token.id = id;
  token.kind = checked_enum(in.number(1), TokenKind::pat, TokenKind::sat);
  token.account = in.text(2);
  token.name = in.text(3);
  token.description = in.text(4);
  token.created_by = in.text(5);
  token.digest = in.digest(6);
  token.created_at = in.time(7);
  token.expires_at = in.optional_time(8);
  token.last_used_at = in.optional_time(9);
  token.revoked_at = in.optional_time(10);
  if (in.at_end()) { // as most are
    return;
  }
  token.scopes = parts_of(in.text(11));
  if (token.scopes.size() > k_most_scopes || !std::all_of(token.scopes.begin(), token.scopes.end(), is_scope)) {
    throw_malformed_record();
  }
  token.not_before = in.optional_time(12);
  token.uses_limit = in.number(13);
  token.uses = in.number(14);
  token.networks = decode_networks(in.value(15));
  token.audiences = parts_of(in.text(16));
  const std::uint64_t idle = in.number(17);
  if (idle > std::numeric_limits<std::int32_t>::max() * std::uint64_t{1000}) {
    throw_malformed_record();
  }
  token.idle_limit = std::chrono::seconds(idle);
  token.meta = decode_meta(in.text(18));
  token.format = checked_enum(in.number(19), TokenFormat::opaque, TokenFormat::jwt);
  token.signed_by = in.text(20);
  token.children = in.number(21);
  token.scopes_used = in.number(22);
  token.rotated_at = in.optional_time(23);
  token.previous = decode_previous(in);
  token.retired = decode_digests(in.value(29));
  in.done();
}

} // namespace caplet
