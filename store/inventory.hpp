#pragma once

#include "core/bytes.hpp"
#include "store/database.hpp"
#include "store/record_row.hpp"
#include "store/state.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>

namespace caplet {

/// What all rows of the table `record` come to: their tally and number, and what its indexes have to come to.
/// Authenticates the rows as a whole by the state; opens none.
class Inventory {
public:
  /// Whether the bodies of functions are among what is read. Unread, they are taken to be those that are remembered.
  enum class Bodies : std::uint8_t { read, unread };

  explicit Inventory(const StoreKeys& keys, Bodies bodies = Bodies::read);

  void add(const RecordRow& row);

  /// Whether these are the rows that `state` remembers, and each index leads to them all and to nothing else.
  bool fits(Database& database, const State& state);

private:
  using SumKey = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

  /// A sum over the entries of an index, under a key that is drawn for it: nobody can plan for it, so 64 bits will do
  /// (SipHash-2-4; Aumasson and Bernstein, INDOCRYPT 2012). Another order of the same entries is another sum of 0.
  struct Sum {
    std::uint64_t entries = 0;
    std::uint64_t hashes = 0;
    bool operator==(const Sum&) const = default;
  };

  void add_entry(Sum& sum, ByteView key, std::int64_t seq);
  /// Entries that do not stand in ascending order are not found by a search: then the sum is nothing's.
  Sum sum_of(Database& database, const char* sql);

  const StoreKeys& m_keys;
  Bodies m_bodies;
  SumKey m_sum_key{};
  Digest m_tally{};
  std::uint64_t m_count = 0;
  Sum m_ids;
  Sum m_names;
  Bytes m_entry;
};

} // namespace caplet
