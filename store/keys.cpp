#include "store/keys.hpp"

#include <sodium.h>

namespace caplet {

StoreKeys::StoreKeys(ByteView store_key) : m_keys(k_count * k_key_size) {
  for (std::size_t i = 0; i < k_count; ++i) {
    crypto_kdf_derive_from_key(m_keys.data().data() + i * k_key_size, k_key_size, i + 1, "capletv1", store_key.data());
  }
}

} // namespace caplet
