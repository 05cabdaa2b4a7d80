#pragma once

#include "core/secret.hpp"
#include "store/key_file.hpp"
#include "store/seal.hpp"

#include <array>
#include <cstdint>

namespace caplet {

using StoreId = std::array<unsigned char, 16>;

/// One way to the store key: the store key wrapped under a key that comes from a key file (later: a passphrase).
struct KeySlot {
  enum class Kind : std::uint8_t { key_file = 1 };

  SlotId id{};
  Kind kind = Kind::key_file;
  Bytes params;        ///< of the key derivation; empty for a key file
  Digest commitment{}; ///< derived beside the wrapping key: one key, and no other, opens the slot
  Bytes wrapped;       ///< the store key, sealed
};

/// Where a slot belongs; authenticated with it.
struct SlotPlace {
  StoreId store{};
  std::uint64_t epoch = 0;
};

/// Wraps the store key for a key file.
KeySlot wrap_store_key(const SlotPlace& place, const KeyFile& key, ByteView store_key);

/// The store key. The commitment is compared first: XChaCha20-Poly1305 alone does not commit to its key.
/// Throws Error{locked} when the key does not fit or the slot is damaged: the two cannot be told apart.
Secret unwrap_store_key(const SlotPlace& place, const KeySlot& slot, const KeyFile& key);

} // namespace caplet
