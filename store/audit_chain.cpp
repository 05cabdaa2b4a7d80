#include "store/audit_chain.hpp"

#include "store/codec.hpp"
#include "store/record_codec.hpp"
#include "store/schema.hpp"

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

} // namespace caplet
