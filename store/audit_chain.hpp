#pragma once

#include "core/event.hpp"
#include "core/store.hpp"
#include "store/database.hpp"
#include "store/state.hpp"

namespace caplet {

/// Appends an event: sealed, numbered, and linked to all before it. A link is BLAKE2b-256 keyed by the audit key over
/// the stored bytes and the link before, so that no event can be changed, dropped or moved without the key; the last
/// link is part of the sealed state, so that none can be cut off at the end.
void append_event(Database& database, const StoreKeys& keys, const SlotPlace& place, State& state, const Event& event);

/// Up to `limit` events behind number `after`, in order, each authenticated. Throws Error{damaged}.
std::vector<Event> read_events(Database& database, const StoreKeys& keys, const SlotPlace& place, std::uint64_t after,
                               std::size_t limit);

/// Follows the chain from the first event to the state's head; says in `report` how many it counted and what is wrong.
void check_events(Database& database, const StoreKeys& keys, const SlotPlace& place, const State& state,
                  CheckReport& report);

} // namespace caplet
