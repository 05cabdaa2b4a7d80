#pragma once

#include "core/secret.hpp"
#include "store/seal.hpp"

namespace caplet {

/// The store key and the keys derived from it (libsodium's crypto_kdf, BLAKE2b, context "capletv1"), each for one
/// purpose.
class StoreKeys {
public:
  StoreKeys() = default;
  /// REQUIRES: store_key.size() == k_key_size.
  explicit StoreKeys(ByteView store_key);
  /// Of a fresh random store key.
  static StoreKeys draw();

  ByteView store() const noexcept { return part(0); }  ///< the store key itself, to wrap it in another slot
  ByteView record() const noexcept { return part(1); } ///< seals records and events
  ByteView state() const noexcept { return part(2); }  ///< seals the state
  ByteView index() const noexcept { return part(3); }  ///< blind name index
  ByteView audit() const noexcept { return part(4); }  ///< links of the audit chain, in format 1
  ByteView tally() const noexcept { return part(5); }  ///< multiset hash of all records, digest of the key slots

private:
  static constexpr std::size_t k_count = 6;
  ByteView part(std::size_t i) const noexcept { return m_keys.view().subspan(i * k_key_size, k_key_size); }

  Secret m_keys;
};

} // namespace caplet
