#include "store/audit_chain.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"
#include "store/record_codec.hpp"
#include "store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

Parts additional_data(const SlotPlace& place, std::uint64_t seq) {
  Parts parts;
  parts.text("caplet/event/v1").bytes(place.store).number(seq).number(place.epoch).number(k_schema_version);
  return parts;
}

Digest link_of(const StoreKeys& keys, const SlotPlace& place, std::uint64_t seq, const Digest& before,
               ByteView sealed) {
  Parts parts;
  parts.text("caplet/audit/v1").bytes(place.store).number(seq).number(place.epoch);
  parts.bytes(before).bytes(sealed);
  return keyed_hash(keys.audit(), parts.view());
}

} // namespace

void append_event(Database& database, const StoreKeys& keys, const SlotPlace& place, State& state, const Event& event) {
  FieldWriter content;
  encode(content, event);
  const std::uint64_t seq = state.events + 1;
  const Bytes sealed = seal(keys.record(), additional_data(place, seq).view(), content.view());
  const Digest link = link_of(keys, place, seq, state.audit_head, sealed);
  Database::Query query(database, "INSERT INTO event(seq, epoch, sealed, link) VALUES(?1, ?2, ?3, ?4)");
  query.bind(1, static_cast<std::int64_t>(seq)).bind(2, static_cast<std::int64_t>(place.epoch));
  query.bind(3, ByteView(sealed)).bind(4, ByteView(link)).run();
  state.events = seq;
  state.audit_head = link;
}

namespace {

/// The event in the row that `query` stands at (seq, epoch, sealed); nothing where it is not authentic.
std::optional<Event> read_event(Database::Query& query, const StoreKeys& keys, const SlotPlace& place) {
  const auto seq = static_cast<std::uint64_t>(query.number(0));
  Bytes content;
  if (query.number(1) != static_cast<std::int64_t>(place.epoch) ||
      !unseal(keys.record(), additional_data(place, seq).view(), query.blob(2), content)) {
    return std::nullopt;
  }
  Event event = decode_event(content);
  event.seq = seq;
  return event;
}

} // namespace

std::vector<Event> read_events(Database& database, const StoreKeys& keys, const SlotPlace& place, std::uint64_t after,
                               std::size_t limit) {
  Database::Query query(database, "SELECT seq, epoch, sealed FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  query.bind(1, static_cast<std::int64_t>(after)).bind(2, static_cast<std::int64_t>(limit));
  std::vector<Event> events;
  while (query.step()) {
    auto event = read_event(query, keys, place);
    if (!event) {
      throw Error(Errc::damaged,
                  fmt::format("event {} of the audit log is damaged or was tampered with", query.number(0)),
                  "see all that is wrong: caplet store check");
    }
    events.push_back(std::move(*event));
  }
  return events;
}

void check_events(Database& database, const StoreKeys& keys, const SlotPlace& place, const State& state,
                  CheckReport& report) {
  const auto problem = [&](std::uint64_t seq, std::string what) {
    report.problems.push_back({fmt::format("event {}", seq), std::move(what)});
  };
  Database::Query query(database, "SELECT seq, epoch, sealed, link FROM event ORDER BY seq");
  std::uint64_t expected = 1;
  Digest head{};
  while (query.step()) {
    const auto seq = static_cast<std::uint64_t>(query.number(0));
    if (seq != expected) {
      problem(expected, seq > expected ? fmt::format("missing: the next one is {}", seq) : "numbered out of order");
    }
    if (!read_event(query, keys, place)) {
      problem(seq, "damaged or tampered with");
    }
    const ByteView link = query.blob(3);
    if (!same_bytes(link_of(keys, place, seq, head, query.blob(2)), link)) {
      problem(seq, "not linked to the one before");
    }
    head = {}; // on with the link as it stands there, so that one bad event is not a hundred
    std::copy_n(link.begin(), std::min(link.size(), head.size()), head.begin());
    expected = seq + 1;
    ++report.events;
  }
  if (expected != state.events + 1 || head != state.audit_head) {
    problem(expected, fmt::format("the log ends here, and the store remembers {} events", state.events));
  }
}

} // namespace caplet
