// Outside text: what is escaped harms no terminal, and what is accepted as a name needs no escape.

#include "core/error.hpp"
#include "core/network.hpp"
#include "core/redaction.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"
#include "core/token_string.hpp"
#include "tests/fuzz/input.hpp"

#include <utf8proc.h>

#include <limits>

using namespace caplet;
using fuzz::require;

namespace {

/// Said once more and in another way than core/text.cpp says it: valid UTF-8 without controls, line breaks and
/// characters that change the direction of text.
bool is_harmless(std::string_view text) {
  while (!text.empty()) {
    utf8proc_int32_t code = -1;
    const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code);
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
    const bool bidi = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (used <= 0 || control || bidi || code == 0xFEFF || (code >= 0xE0000 && code < 0xE1000)) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(used));
  }
  return true;
}

template <typename Check>
bool accepts(const Check& check) {
  try {
    check();
    return true;
  } catch (const Error& e) {
    require(e.code() == Errc::usage, "a bad text is a usage error");
    require(!e.hint().empty(), "a refusal has a hint");
    require(is_harmless(e.what()) && is_harmless(e.hint()), "a refusal can be printed");
    return false;
  }
}

/// The first half and the second, as two scopes.
void check_scopes(std::string_view text) {
  const std::string_view grant = text.substr(0, text.size() / 2);
  const std::string_view wanted = text.substr(grant.size());
  require(accepts([&] { check_scope(grant); }) == is_scope(grant), "check_scope() and is_scope() agree");
  if (!is_scope(grant)) {
    return;
  }
  require(covers(grant, grant) && covers("*", grant), "a scope covers itself, and * every one");
  if (is_scope(wanted) && covers(grant, wanted)) {
    const std::string longer = std::string(wanted) + ":x";
    const bool open_end = grant == "*" || grant.ends_with(":*");
    require(!is_scope(longer) || covers(grant, longer) == open_end, "a grant without a last * has as many words");
  }
}

void check_network(const std::string& text) {
  if (const auto address = parse_address(text)) {
    require(parse_address(to_text(*address)) == address, "an address is read as it is written");
  }
  std::optional<Network> network;
  if (accepts([&] { network = parse_network(text); })) {
    require(parse_network(to_text(*network)) == *network, "a network is read as it is written");
    require(network->contains(*network) && network->contains(network->address), "a network is in itself");
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  const std::size_t most = in.byte();
  const std::string text(in.rest());
  constexpr auto k_all = std::numeric_limits<std::size_t>::max();

  const std::string escaped = escape(text, k_all);
  require(is_harmless(escaped), "escaped text is harmless");
  require(escape(escaped, k_all) == escaped, "escaping twice is escaping once");
  const std::string cut = escape(text, most);
  require(cut == escaped || (cut.ends_with("...") && escaped.starts_with(cut.substr(0, cut.size() - 3))),
          "cut text is the front of the whole");

  const std::string key = name_key(text);
  require(name_key(key) == key, "a name's key is its own key");
  const bool described = accepts([&] { check_description(text); });
  const bool named = accepts([&] { check_name(text); });
  require(!named || described, "what may be a name may be a description");
  if (described) {
    require(escaped == text, "an accepted text needs no escape");
    require(!holds_token(text), "an accepted text holds no token");
  }
  if (named) {
    require(!text.empty() && text.front() != '-' && !looks_like_id(text), "a name is told from options and ids");
  }
  check_scopes(text);
  check_network(text);
  return 0;
}
