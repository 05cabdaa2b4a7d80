#pragma once

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "store/key_file.hpp"
#include "store/place.hpp"
#include "store/seal.hpp"

#include <cstdint>
#include <optional>

namespace caplet {

/// What Argon2id (RFC 9106) costs: passes over the memory, and bytes of it.
struct PassphraseCost {
  std::uint64_t passes = 3;
  std::uint64_t memory = std::uint64_t{256} << 20U;

  /// Above these, a slot is refused before anything is derived: a header that somebody changed must not hang caplet.
  static constexpr std::uint64_t k_most_passes = 10;
  static constexpr std::uint64_t k_most_memory = std::uint64_t{1} << 30U;

  bool operator==(const PassphraseCost&) const = default;
};

/// One way to the store key: the store key wrapped under a key that comes from a key file or from a passphrase.
struct KeySlot {
  enum class Kind : std::uint8_t { key_file = 1, passphrase = 2 };

  SlotId id{};
  Kind kind = Kind::key_file;
  Bytes params;        ///< SlotParams, as stored
  Digest commitment{}; ///< derived beside the wrapping key: one key, and no other, opens the slot
  Bytes wrapped;       ///< the store key, sealed

  /// A store has 1 to 8 of them.
  static constexpr std::size_t k_most = 8;
};

/// What a slot says of itself in the clear; authenticated with it.
struct SlotParams {
  std::optional<Instant> created_at; ///< nothing in a slot of format 1
  PassphraseCost cost;               ///< of a passphrase
  Bytes salt;                        ///< of a passphrase: 16 bytes
};

/// Throws Error{locked} for what is no parameters, and for a cost beyond the limits.
SlotParams read_params(const KeySlot& slot);

/// A slot for a key file's id, or a fresh one for a passphrase; not wrapped yet.
KeySlot new_key_file_slot(const SlotId& id, Instant now);
KeySlot new_passphrase_slot(const PassphraseCost& cost, Instant now);

/// The 32 bytes that open a passphrase's slot, by Argon2id: the one slow step. Throws Error{locked} like read_params(),
/// and Error{failed} where there is not enough memory; it never does with less.
Secret stretch(const KeySlot& slot, ByteView passphrase);

/// Wraps the store key under a slot's root: the key file's 32 bytes, or stretch()'s.
void wrap_store_key(KeySlot& slot, const StorePlace& place, ByteView root, ByteView store_key);

/// The store key; nothing when the root does not fit or the slot is damaged: the two cannot be told apart. The
/// commitment is compared first: XChaCha20-Poly1305 alone does not commit to its key (Albertini et al., "How to Abuse
/// and Fix Authenticated Encryption Without Key Commitment", USENIX Security 2022).
std::optional<Secret> unwrap_store_key(const KeySlot& slot, const StorePlace& place, ByteView root);

} // namespace caplet
