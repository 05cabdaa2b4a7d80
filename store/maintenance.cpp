// What only the owner does to a store: key slots, rekey, backup, the anchor. Declared in local_store.hpp.

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/audit_chain.hpp"
#include "store/backup.hpp"
#include "store/key_cache.hpp"
#include "store/schema.hpp"
#include "store/sealed_change.hpp"
#include "store/sealed_reading.hpp"
#include "store/store_row.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

Error damaged_slots() {
  return {Errc::damaged, "the key slots of the store were tampered with", "restore the store from a backup"};
}

} // namespace

SlotInfo SealedStore::info_of(const KeySlot& slot) const {
  const SlotParams params = read_params(slot);
  return {to_hex(slot.id), slot.kind, params.created_at, params.cost, m_vault.opened_by == slot.id};
}

StoreFacts SealedStore::facts() const {
  const State& state = m_vault.state;
  return {to_hex(m_vault.place.store),
          m_vault.place.format,
          m_vault.place.epoch,
          state.commit,
          state.records,
          state.events};
}

std::vector<SlotInfo> SealedStore::slots() const {
  std::vector<SlotInfo> infos;
  for (const KeySlot& slot : m_vault.slots) {
    infos.push_back(info_of(slot));
  }
  return infos;
}

SlotInfo SealedStore::add_slot(const KeyFile& key, const Event& event) {
  return add_slot(new_key_file_slot(key.slot, event.time), key.key.view(), event);
}

SlotInfo SealedStore::add_slot(ByteView passphrase, const PassphraseCost& cost, const Event& event) {
  const KeySlot slot = new_passphrase_slot(cost, event.time);
  return add_slot(slot, stretch(slot, passphrase).view(), event);
}

SlotInfo SealedStore::add_slot(KeySlot slot, ByteView root, Event event) {
  wrap_store_key(slot, m_vault.place, root, m_vault.keys.store());
  const auto change = this->change();
  std::vector<KeySlot> slots = read_slots(m_vault.database);
  if (digest_of(m_vault.keys, slots) != change->state().slots) {
    throw damaged_slots();
  }
  if (slots.size() >= KeySlot::k_most) {
    throw Error(Errc::failed, fmt::format("a store has at most {} key slots", KeySlot::k_most),
                "remove one first: caplet store key list");
  }
  if (std::any_of(slots.begin(), slots.end(), [&](const KeySlot& each) { return each.id == slot.id; })) {
    throw Error(Errc::exists, "the key file opens this store already", "see its slots: caplet store key list");
  }
  insert_slot(m_vault.database, slot);
  slots = read_slots(m_vault.database);
  // As it was written, and not as it is in memory, it has to open the store.
  const auto store_key = unwrap_store_key(slots.back(), m_vault.place, root);
  if (!store_key || !same_bytes(store_key->view(), m_vault.keys.store())) {
    throw Error(Errc::failed, "the new slot does not open the store: nothing was changed");
  }
  change->state().slots = digest_of(m_vault.keys, slots);
  event.action = "store.key.add";
  event.target_id = to_hex(slot.id);
  event.target_name = to_string(slot.kind);
  change->append(event);
  change->commit();
  m_vault.slots = std::move(slots);
  return info_of(slot);
}

void SealedStore::remove_slot(std::string_view id, const Unlocking& unlocking, const Event& event) {
  const auto has_id = [&](const KeySlot& slot) { return to_hex(slot.id) == id; };
  std::vector<KeySlot> rest = m_vault.slots;
  const auto gone = std::find_if(rest.begin(), rest.end(), has_id);
  if (gone == rest.end()) {
    throw Error(Errc::not_found, fmt::format("no key slot \"{}\"", escape(id, 40)), "list them: caplet store key list");
  }
  const KeySlot slot = *gone;
  rest.erase(gone);
  if (rest.empty()) {
    throw Error(Errc::denied, "the last key slot cannot be removed: nobody could open the store again",
                "add another first: caplet store key add");
  }
  if (m_vault.opened_by == slot.id || !m_vault.opened_by) {
    Location at_hand = m_location;
    at_hand.key_is_given = false; // the key file that was named may be the one that goes
    try {
      unlock_by_slot(m_vault.place, rest, at_hand, unlocking);
    } catch (const Error& e) {
      throw Error(e.code(), fmt::format("another slot must be proved to open the store first: {}", e.what()), e.hint());
    }
  }
  const auto change = this->change();
  if (digest_of(m_vault.keys, m_vault.slots) != change->state().slots) {
    throw Error(Errc::busy, "the key slots were changed meanwhile", "look again: caplet store key list");
  }
  delete_slot(m_vault.database, slot.id);
  change->state().slots = digest_of(m_vault.keys, rest);
  Event entry = event;
  entry.action = "store.key.remove";
  entry.target_id = to_hex(slot.id);
  entry.target_name = to_string(slot.kind);
  change->append(entry);
  change->commit();
  m_vault.slots = std::move(rest);
}

void SealedStore::rekey(const Unlocking& unlocking, const Event& event, const Progress& progress) {
  std::vector<Secret> roots; // asked for before the lock is taken: a person may take long
  for (const KeySlot& slot : m_vault.slots) {
    roots.push_back(root_of(slot, m_vault.place, m_location, unlocking));
  }
  const auto change = this->change();
  State& state = change->state();
  if (digest_of(m_vault.keys, m_vault.slots) != state.slots) {
    throw Error(Errc::busy, "the key slots were changed meanwhile", "run it again");
  }
  StoreKeys keys = StoreKeys::draw();
  StorePlace place = m_vault.place;
  place.epoch += 1;
  Steps steps(progress, state.records + state.events);
  RecordTable resealed(m_vault.database, keys, place);
  m_records->reseal(resealed, state, {}, steps);
  reseal_events(m_vault.database, {m_vault.keys, m_vault.place}, {keys, place}, m_vault.state, steps);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    wrap_store_key(m_vault.slots[i], place, roots[i].view(), keys.store());
    update_slot(m_vault.database, m_vault.slots[i]);
  }
  update_epoch(m_vault.database, place.epoch);
  state.slots = digest_of(keys, m_vault.slots);
  m_vault.keys = std::move(keys);
  m_vault.place = place;
  Event entry = event;
  entry.action = "store.rekey";
  change->append(entry);
  change->commit();
  forget_store_key(place.store);
}

/// Opens a copy with the key that this store has, and looks at all of it.
CheckReport SealedStore::check_copy(const std::filesystem::path& copy) const {
  Database database(copy, Database::Open::existing);
  database.exec("BEGIN");
  check_schema(database);
  Vault vault = open_vault(std::move(database), [&](const auto&, const auto&) {
    return Unlocked{Secret(m_vault.keys.store()), m_vault.opened_by};
  });
  return SealedStore(std::move(vault), FileLock(), {copy, {}}, Opening::for_check).check({});
}

CheckReport SealedStore::backup(const std::filesystem::path& file, const Progress& progress) {
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  look_again();
  CheckReport report;
  copy_store(m_vault.database, file, OnExisting::refuse, progress, [&](const std::filesystem::path& copy) {
    report = check_copy(copy);
    if (!report.problems.empty()) {
      const CheckReport::Problem& first = report.problems.front();
      throw Error(Errc::damaged,
                  fmt::format("the store is damaged ({}: {}): no backup was made", first.place, first.what),
                  "see all that is wrong: caplet store check");
    }
  });
  return report;
}

void SealedStore::continue_after(std::uint64_t commit, const Event& event) {
  const auto change = this->change();
  change->state().commit = std::max(change->state().commit, commit);
  change->append(event);
  change->commit();
}

void SealedStore::accept_rollback(const Event& event) {
  Event entry = event;
  entry.action = "store.rollback";
  std::uint64_t seen = 0;
  try {
    if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
      throw busy();
    }
    const Unlock unlock(m_lock); // an anchor is written in place
    if (const auto anchor = read_anchor(m_location.anchor, m_anchor_key)) {
      entry.reason = fmt::format("from change {} back to {}", anchor->commit, m_vault.state.commit);
      seen = anchor->commit;
    }
  } catch (const Error& e) {
    if (e.code() != Errc::damaged) {
      throw;
    }
    entry.reason = "the anchor was damaged, or another store's";
  }
  continue_after(seen, entry);
}

void SealedStore::accept_clock(const Event& event) {
  const auto change = this->change();
  Event entry = event;
  entry.action = "store.clock";
  entry.reason = fmt::format("from {} back to {}", format_rfc3339(change->state().latest), format_rfc3339(event.time));
  change->state().latest = Instant::min();
  change->append(entry);
  change->commit();
}

std::unique_ptr<LocalStore> SealedStore::reopen() const {
  FileLock lock(m_location.lock());
  if (!lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw Error(Errc::busy, "another process holds the store", "try again in a moment");
  }
  Database database(m_location.store, Database::Open::existing);
  database.exec("BEGIN");
  check_schema(database);
  Vault vault = open_vault(std::move(database), [&](const auto&, const auto&) {
    return Unlocked{Secret(m_vault.keys.store()), m_vault.opened_by};
  });
  return std::make_unique<SealedStore>(std::move(vault), std::move(lock), m_location, m_opening);
}

void SealedStore::cache_key(std::chrono::seconds time) {
  cache_store_key(m_vault.place.store, m_vault.keys.store(), time);
}

} // namespace caplet
