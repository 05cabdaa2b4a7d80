#include "store/vault.hpp"

#include "core/error.hpp"
#include "store/key_cache.hpp"
#include "store/store_row.hpp"

namespace caplet {
namespace {

State read_state(Database& database, const StoreKeys& keys, const StorePlace& place) {
  Database::Query query(database, "SELECT state FROM store");
  if (!query.step()) {
    throw Error(Errc::damaged, "the state of the store is gone", "restore the store from a backup");
  }
  return unseal_state(keys, place, query.blob(0));
}

} // namespace

Vault open_vault(Database database, const Location& location, const Unlocking& unlocking) {
  return open_vault(std::move(database), [&](const StorePlace& place, const std::vector<KeySlot>& slots) {
    return unlock(place, slots, location, unlocking);
  });
}

Vault open_vault(Database database, const Opener& opener) {
  Vault vault{std::move(database), {}, {}, {}, {}, {}};
  vault.place = read_place(vault.database);
  vault.slots = read_slots(vault.database);
  const auto open = [&] {
    const Unlocked unlocked = opener(vault.place, vault.slots);
    vault.keys = StoreKeys(unlocked.store_key.view());
    vault.opened_by = unlocked.slot;
    vault.state = read_state(vault.database, vault.keys, vault.place);
  };
  try {
    open();
  } catch (const Error& e) {
    // The keyring may keep the key of before a rekey, or of a backup.
    if (e.code() != Errc::damaged || vault.opened_by || !forget_store_key(vault.place.store)) {
      throw;
    }
    open();
  }
  if (digest_of(vault.keys, vault.slots) != vault.state.slots) {
    throw Error(Errc::damaged, "the key slots of the store were tampered with", "restore the store from a backup");
  }
  return vault;
}

} // namespace caplet
