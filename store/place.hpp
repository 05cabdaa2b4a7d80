#pragma once

#include <array>
#include <cstdint>

namespace caplet {

using StoreId = std::array<unsigned char, 16>;

/// Which store, which of its keys, which layout: part of the additional data of everything that is sealed, so that
/// nothing fits where it was not written.
struct StorePlace {
  StoreId store{};          ///< random, for life
  std::uint64_t epoch = 0;  ///< number of the store key; a rekey adds 1
  std::uint64_t format = 0; ///< `PRAGMA user_version`
};

} // namespace caplet
