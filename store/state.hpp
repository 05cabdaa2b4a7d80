#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "store/keys.hpp"
#include "store/place.hpp"

#include <cstdint>
#include <string_view>

namespace caplet {

/// What the store remembers of itself as a whole, sealed anew in every transaction. A row that was deleted, put back to
/// an older version or planted does not fit it.
struct State {
  std::uint64_t commit = 0;        ///< number of the last transaction
  std::uint64_t records = 0;       ///< how many there are
  std::uint64_t last_seq = 0;      ///< the highest record number ever given
  std::uint64_t events = 0;        ///< number of the last event
  Digest audit_head{};             ///< link of the last event; zero before the first
  Digest tally{};                  ///< XOR of tally_of() over all records
  Digest bodies{};                 ///< the part of it that is of functions' bodies: these are large
  Digest slots{};                  ///< digest of all key slots
  Instant latest = Instant::min(); ///< that a change has named: time does not go back behind it

  bool operator==(const State&) const = default;
};

Bytes seal_state(const StoreKeys& keys, const StorePlace& place, const State& state);
/// Throws Error{damaged}.
State unseal_state(const StoreKeys& keys, const StorePlace& place, ByteView sealed);

/// One record's part of the tally: a keyed hash of what makes this version of it unique. XORed into State::tally when
/// it is written and out when it is replaced, which makes the tally an incremental hash of the set of all records. The
/// construction is MSet-XOR-Hash (Clarke, Devadas, van Dijk, Gassend, Suh, "Incremental Multiset Hash Functions and
/// Their Application to Memory Integrity Checking", ASIACRYPT 2003): a keyed hash, and a sum that nobody sees without
/// the key, because the state is encrypted.
Digest tally_of(const StoreKeys& keys, std::uint64_t kind, std::string_view id, std::uint64_t revision, ByteView tag);

void toggle(Digest& tally, const Digest& part) noexcept;

} // namespace caplet
