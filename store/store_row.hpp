#pragma once

#include "store/database.hpp"
#include "store/key_slot.hpp"
#include "store/state.hpp"

#include <vector>

namespace caplet {

/// Ids of the records that a store has beside its accounts and tokens; the last two once they are needed.
inline constexpr std::string_view k_settings_id = "settings";
inline constexpr std::string_view k_keyring_id = "keyring";
inline constexpr std::string_view k_denials_id = "denials";
inline constexpr std::string_view k_policy_id = "policy";
inline constexpr std::string_view k_signing_id = "signing";

/// The one row of the table `store`, id and key epoch, and the format. Throws Error{damaged}.
StorePlace read_place(Database& database);
void insert_store_row(Database& database, const StorePlace& place, ByteView state);
void update_state_row(Database& database, ByteView state);
/// After a rekey.
void update_epoch(Database& database, std::uint64_t epoch);

/// The key slots in their order. Throws Error{damaged} for a row of another shape.
std::vector<KeySlot> read_slots(Database& database);
void insert_slot(Database& database, const KeySlot& slot);
/// Puts what wrap_store_key() made anew in the place of what the slot had.
void update_slot(Database& database, const KeySlot& slot);
void delete_slot(Database& database, const SlotId& id);

/// What State::slots holds: a keyed hash over all of the slots' columns.
Digest digest_of(const StoreKeys& keys, const std::vector<KeySlot>& slots);

} // namespace caplet
