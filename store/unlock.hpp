#pragma once

#include "store/key_slot.hpp"
#include "store/location.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// How a store's key may be come by, beside the key file at its location.
struct Unlocking {
  /// Gives the passphrase, or nothing where none is to be had. Called again while the answer is wrong; `attempt` counts
  /// from 1. Not set: there is none.
  std::function<std::optional<Secret>(int attempt)> passphrase;
  /// The passphrase was given on purpose: it is tried before the key file.
  bool passphrase_first = false;
  /// More key files, for work that needs every slot.
  std::vector<std::filesystem::path> key_files;
};

/// An opened slot: the store key and which slot it came from; no slot where it came from the kernel's keyring.
struct Unlocked {
  Secret store_key;
  std::optional<SlotId> slot;
};

/// Opens one of the slots by what is at hand: a passphrase given on purpose, the key file, the kernel's keyring, a
/// passphrase that is asked for. Throws Error{locked} with what would help, and what is wrong with the key file
/// (Error{damaged, unsafe, unavailable}).
Unlocked unlock(const StorePlace& place, const std::vector<KeySlot>& slots, const Location& location,
                const Unlocking& unlocking);

/// The same without the keyring: a proof that a slot can be opened.
Unlocked unlock_by_slot(const StorePlace& place, const std::vector<KeySlot>& slots, const Location& location,
                        const Unlocking& unlocking);

/// The root of one slot in particular, proved to open it: from the key file, one of `key_files`, or the passphrase.
/// Throws Error{locked}.
Secret root_of(const KeySlot& slot, const StorePlace& place, const Location& location, const Unlocking& unlocking);

/// `key file`, `passphrase`.
std::string_view to_string(KeySlot::Kind kind) noexcept;

} // namespace caplet
