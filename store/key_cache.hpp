#pragma once

#include "core/secret.hpp"
#include "store/place.hpp"

#include <chrono>
#include <optional>

namespace caplet {

/// The unlocked store key in the kernel's keyring of this user (keyrings(7), add_key(2)): in kernel memory, never on a
/// disk, gone after its time or at a restart. One key for each store, `caplet:<store id>`. Any process of the same user
/// can read it, as it could read a key file.

/// The store key, if it is there. Never throws for a keyring that is not to be had.
std::optional<Secret> cached_store_key(const StoreId& store);

/// Keeps the store key for a time. Throws Error{unavailable} where the kernel has no keyring for us (containers often
/// forbid it).
void cache_store_key(const StoreId& store, ByteView store_key, std::chrono::seconds time);

/// Takes it out again. Whether there was one.
bool forget_store_key(const StoreId& store);

} // namespace caplet
