#pragma once

#include "core/bytes.hpp"
#include "store/place.hpp"
#include "store/state.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace caplet {

/// The last change that this machine has seen of a store, kept apart from it: an older copy put in the store's place
/// does not reach it. One line, MACed: `CAPLET-ANCHOR-1 <store id> <commit> <events> <audit head> <mac>`. Whoever can
/// take away or put back both files is not noticed.
struct Anchor {
  StoreId store{};
  std::uint64_t commit = 0; ///< State::commit
  std::uint64_t events = 0; ///< State::events
  Digest audit_head{};      ///< State::audit_head

  bool operator==(const Anchor&) const = default;
};

Anchor anchor_of(const StoreId& store, const State& state) noexcept;

/// The key that anchors are MACed with. It comes from the token key, which a rekey leaves as it is: an anchor lasts
/// through one.
Digest anchor_key(ByteView token_key);

/// Nothing where there is no file, or an empty one (what a power cut leaves of a file that was being replaced). Throws
/// Error{damaged} for one that is not as it was written, Error{unsafe, unavailable}.
std::optional<Anchor> read_anchor(const std::filesystem::path& path, const Digest& key);

/// Replaces the file or what is in it, whole or not at all, without waiting for the disk: an older anchor does no harm.
/// Best effort: false where it cannot be written. REQUIRES: the store's lock.
bool write_anchor(const std::filesystem::path& path, const Digest& key, const Anchor& anchor) noexcept;

} // namespace caplet
