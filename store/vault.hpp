#pragma once

#include "store/database.hpp"
#include "store/state.hpp"
#include "store/unlock.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace caplet {

/// A store's file, unlocked: what all work on it needs. Its state and its key slots have been authenticated.
struct Vault {
  Database database;
  StorePlace place;
  StoreKeys keys;
  std::vector<KeySlot> slots;
  std::optional<SlotId> opened_by; ///< nothing: the kernel's keyring
  State state;
};

/// How a store's key is come by.
using Opener = std::function<Unlocked(const StorePlace& place, const std::vector<KeySlot>& slots)>;

/// Unlocks a file that was just opened. REQUIRES: a transaction, so that all that is read is of one moment. Throws
/// Error{locked, damaged}, and what is wrong with the key file.
Vault open_vault(Database database, const Opener& opener);
Vault open_vault(Database database, const Location& location, const Unlocking& unlocking);

} // namespace caplet
