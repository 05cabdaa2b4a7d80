#include "store/keys.hpp"

#include <sodium.h>

#include <algorithm>

namespace caplet {

StoreKeys::StoreKeys(ByteView store_key) : m_keys(k_count * k_key_size) {
  std::copy(store_key.begin(), store_key.end(), m_keys.data().begin());
  for (std::size_t i = 1; i < k_count; ++i) {
    crypto_kdf_derive_from_key(m_keys.data().data() + i * k_key_size, k_key_size, i, "capletv1", store_key.data());
  }
}

StoreKeys StoreKeys::draw() {
  Secret store_key(k_key_size);
  randombytes_buf(store_key.data().data(), store_key.size());
  return StoreKeys(store_key.view());
}

} // namespace caplet
