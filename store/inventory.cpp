#include "store/inventory.hpp"

#include "store/record_table.hpp"

#include <algorithm>
#include <cstring>

namespace caplet {

Inventory::Inventory(const StoreKeys& keys, Bodies bodies) : m_keys(keys), m_bodies(bodies) {
  randombytes_buf(m_sum_key.data(), m_sum_key.size());
}

void Inventory::add(const RecordRow& row) {
  if (m_bodies == Bodies::read || row.kind != static_cast<std::int64_t>(RecordKind::function_body)) {
    toggle(m_tally, tally_of(m_keys, static_cast<std::uint64_t>(row.kind), row.id,
                             static_cast<std::uint64_t>(row.revision), tag_of(row.sealed)));
  }
  add_entry(m_ids, as_bytes(row.id), row.seq);
  if (!row.name.empty()) {
    add_entry(m_names, row.name, row.seq);
  }
  ++m_count;
}

bool Inventory::fits(Database& database, const State& state) {
  if (m_bodies == Bodies::unread) {
    toggle(m_tally, state.bodies);
  }
  return m_count == state.records && m_tally == state.tally &&
         m_ids == sum_of(database, "SELECT id, seq FROM record INDEXED BY record_id ORDER BY id") &&
         m_names == sum_of(database, "SELECT name_index, seq FROM record INDEXED BY record_name "
                                     "WHERE name_index IS NOT NULL ORDER BY name_index");
}

void Inventory::add_entry(Sum& sum, ByteView key, std::int64_t seq) {
  m_entry.assign(key.begin(), key.end());
  for (std::size_t i = 0; i < sizeof seq; ++i) {
    m_entry.push_back(static_cast<unsigned char>(static_cast<std::uint64_t>(seq) >> (8 * i)));
  }
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), m_entry.data(), m_entry.size(), m_sum_key.data());
  std::uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  sum.hashes += number;
  sum.entries += 1;
}

Inventory::Sum Inventory::sum_of(Database& database, const char* sql) {
  Database::Query query(database, sql);
  Sum sum;
  Bytes last;
  while (query.step()) {
    const ByteView key = query.blob(0);
    if (sum.entries > 0 && !std::lexicographical_compare(last.begin(), last.end(), key.begin(), key.end())) {
      return {};
    }
    last.assign(key.begin(), key.end());
    add_entry(sum, key, query.number(1));
  }
  return sum;
}

} // namespace caplet
