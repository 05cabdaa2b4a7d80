#pragma once

#include "core/event.hpp"
#include "core/progress.hpp"
#include "core/store.hpp"
#include "store/audit_link.hpp"
#include "store/database.hpp"
#include "store/state.hpp"

#include <functional>
#include <vector>

namespace caplet {

/// The audit log: events sealed one by one, numbered from 1 without a gap, each linked to all before it
/// (audit_link.hpp). The last link is part of the sealed state, so that no event can be changed, moved, dropped or cut
/// off at the end without the key.

/// Seals, numbers and links an event; its seq, salt and link are the store's to give.
void append_event(Database& database, const StoreKeys& keys, const StorePlace& place, State& state, const Event& event);

/// The link of event `seq`; zero for 0; nothing where there is no such event.
std::optional<Digest> read_link(Database& database, std::uint64_t seq);

/// The link of event `seq` again, but computed from its content, which is authenticated: what stands in the row may be
/// anybody's. Nothing where it is not authentic.
std::optional<Digest> prove_link(Database& database, const StoreKeys& keys, const StorePlace& place, std::uint64_t seq);

/// Up to `limit` events behind number `after`, whose link is `before`, in order, each authenticated and linked to the
/// one before. Throws Error{damaged}.
std::vector<Event> read_events(Database& database, const StoreKeys& keys, const StorePlace& place, std::uint64_t after,
                               Digest before, std::size_t limit);

/// Follows the chain from the first event to the state's head; says in `report` how many it counted and what is wrong.
void check_events(Database& database, const StoreKeys& keys, const StorePlace& place, const State& state,
                  CheckReport& report, Steps& steps);

/// One event as it is stored.
struct StoredEvent {
  std::uint64_t seq = 0;
  std::uint64_t epoch = 0;
  Bytes sealed;
  Digest link{};
};
/// Up to `limit` rows behind number `after`, as they are.
std::vector<StoredEvent> read_stored_events(Database& database, std::uint64_t after, std::size_t limit);
/// The content of a stored event; nothing where it is not authentic.
std::optional<Bytes> open_event(const StoreKeys& keys, const StorePlace& place, const StoredEvent& event);
/// Writes an event's content anew under other keys.
void rewrite_event(Database::Query& update, const StoreKeys& keys, const StorePlace& place, std::uint64_t seq,
                   ByteView content, const Digest& link);
/// Whose keys, and where: what an event is sealed with.
struct EventSeal {
  const StoreKeys& keys;
  const StorePlace& place;
};
/// Seals every event anew; their contents and links stay. `state` is what they must be, else Error{damaged}.
void reseal_events(Database& database, const EventSeal& from, const EventSeal& to, const State& state, Steps& steps);

inline constexpr const char* k_rewrite_event = "UPDATE event SET epoch = ?2, sealed = ?3, link = ?4 WHERE seq = ?1";

} // namespace caplet
