#include "store/known_tokens.hpp"

#include "core/secret.hpp"

#include <cstring>

namespace caplet {
namespace {

/// Its slot, and what tells it from others there: a keyed hash is spread evenly, and nobody without the key plans for
/// it.
std::uint64_t number_of(const Digest& digest) noexcept {
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

} // namespace

bool KnownTokens::may_have(const Digest& digest) const noexcept {
  if (m_slots.empty()) {
    return false;
  }
  const std::uint64_t number = number_of(digest);
  const Slot& slot = m_slots[number % k_most];
  return slot.token && slot.kept == number;
}

const Token* KnownTokens::find(const Digest& digest, std::uint32_t version) const noexcept {
  if (!may_have(digest)) {
    return nullptr;
  }
  const Slot& slot = m_slots[number_of(digest) % k_most];
  return slot.version == version && same_bytes(slot.token->digest, digest) ? slot.token.get() : nullptr;
}

void KnownTokens::remember(const Token& token, std::uint32_t version) {
  if (m_slots.empty()) {
    m_slots.resize(k_most);
  }
  const std::uint64_t number = number_of(token.digest);
  Slot& slot = m_slots[number % k_most];
  if (slot.shown != number) {
    slot.shown = number;
    return;
  }
  if (!slot.token) {
    slot.token = std::make_unique<Token>();
  }
  slot.kept = number;
  slot.version = version;
  *slot.token = token;
}

} // namespace caplet
