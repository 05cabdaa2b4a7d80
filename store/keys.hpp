#pragma once

#include "core/secret.hpp"
#include "store/seal.hpp"

namespace caplet {

/// The keys derived from the store key (libsodium's crypto_kdf, BLAKE2b, context "capletv1"), each for one purpose.
class StoreKeys {
public:
  StoreKeys() = default;
  /// REQUIRES: store_key.size() == k_key_size.
  explicit StoreKeys(ByteView store_key);

  ByteView record() const noexcept { return part(0); } ///< seals records and events
  ByteView state() const noexcept { return part(1); }  ///< seals the state
  ByteView index() const noexcept { return part(2); }  ///< blind name index
  ByteView audit() const noexcept { return part(3); }  ///< links of the audit chain
  ByteView tally() const noexcept { return part(4); }  ///< multiset hash of all records, digest of the key slots

private:
  static constexpr std::size_t k_count = 5;
  ByteView part(std::size_t i) const noexcept { return m_keys.view().subspan(i * k_key_size, k_key_size); }

  Secret m_keys;
};

} // namespace caplet
