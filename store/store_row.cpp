#include "store/store_row.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"

#include <algorithm>

namespace caplet {
namespace {

[[noreturn]] void throw_bad_header() {
  throw Error(Errc::damaged, "the store's header is damaged", "restore the store from a backup");
}

template <typename Array>
void copy_exactly(ByteView from, Array& to) {
  if (from.size() != to.size()) {
    throw_bad_header();
  }
  std::copy(from.begin(), from.end(), to.begin());
}

} // namespace

StorePlace read_place(Database& database) {
  Database::Query query(database, "SELECT id, epoch FROM store");
  StorePlace place;
  if (!query.step()) {
    throw_bad_header();
  }
  copy_exactly(query.blob(0), place.store);
  place.epoch = static_cast<std::uint64_t>(query.number(1));
  place.format = database.format();
  return place;
}

void insert_store_row(Database& database, const StorePlace& place, ByteView state) {
  Database::Query query(database, "INSERT INTO store(one, id, epoch, state) VALUES(1, ?1, ?2, ?3)");
  query.bind(1, ByteView(place.store)).bind(2, static_cast<std::int64_t>(place.epoch)).bind(3, state).run();
}

void update_state_row(Database& database, ByteView state) {
  Database::Query& query = database.kept("UPDATE store SET state = ?1");
  const ScopedReset reset(query);
  if (query.bind_in_place(1, state).run() != 1) {
    throw_bad_header();
  }
}

void update_epoch(Database& database, std::uint64_t epoch) {
  Database::Query query(database, "UPDATE store SET epoch = ?1");
  query.bind(1, static_cast<std::int64_t>(epoch)).run();
}

std::vector<KeySlot> read_slots(Database& database) {
  Database::Query query(database, "SELECT id, kind, params, commitment, wrapped FROM slot ORDER BY number");
  std::vector<KeySlot> slots;
  while (query.step()) {
    KeySlot slot;
    copy_exactly(query.blob(0), slot.id);
    slot.kind = static_cast<KeySlot::Kind>(query.number(1));
    if (query.number(1) != 1 && query.number(1) != 2) {
      throw_bad_header();
    }
    const ByteView params = query.blob(2);
    slot.params.assign(params.begin(), params.end());
    copy_exactly(query.blob(3), slot.commitment);
    const ByteView wrapped = query.blob(4);
    slot.wrapped.assign(wrapped.begin(), wrapped.end());
    slots.push_back(std::move(slot));
    if (slots.size() > KeySlot::k_most) { // each may take long to try
      throw_bad_header();
    }
  }
  if (slots.empty()) {
    throw_bad_header();
  }
  return slots;
}

void insert_slot(Database& database, const KeySlot& slot) {
  Database::Query query(database, "INSERT INTO slot(id, kind, params, commitment, wrapped) VALUES(?1, ?2, ?3, ?4, ?5)");
  query.bind(1, ByteView(slot.id)).bind(2, static_cast<std::int64_t>(slot.kind)).bind(3, ByteView(slot.params));
  query.bind(4, ByteView(slot.commitment)).bind(5, ByteView(slot.wrapped));
  query.run();
}

void update_slot(Database& database, const KeySlot& slot) {
  Database::Query query(database, "UPDATE slot SET commitment = ?2, wrapped = ?3 WHERE id = ?1");
  query.bind(1, ByteView(slot.id)).bind(2, ByteView(slot.commitment)).bind(3, ByteView(slot.wrapped)).run();
}

void delete_slot(Database& database, const SlotId& id) {
  Database::Query query(database, "DELETE FROM slot WHERE id = ?1");
  query.bind(1, ByteView(id)).run();
}

Digest digest_of(const StoreKeys& keys, const std::vector<KeySlot>& slots) {
  Parts parts;
  parts.text("caplet/slots/v1");
  for (const KeySlot& slot : slots) {
    parts.bytes(slot.id).number(static_cast<std::uint64_t>(slot.kind)).bytes(slot.params).bytes(slot.commitment);
    parts.bytes(slot.wrapped);
  }
  return keyed_hash(keys.tally(), parts.view());
}

} // namespace caplet
