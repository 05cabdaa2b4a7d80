#include "store/state.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"

namespace caplet {
namespace {

Parts additional_data(const StorePlace& place) {
  Parts parts;
  parts.text("caplet/state/v1").bytes(place.store).number(place.epoch).number(place.format);
  return parts;
}

} // namespace

Bytes seal_state(const StoreKeys& keys, const StorePlace& place, const State& state) {
  FieldWriter out;
  out.number(1, state.commit);
  out.number(2, state.records);
  out.number(3, state.last_seq);
  out.number(4, state.events);
  out.bytes(5, state.audit_head);
  out.bytes(6, state.tally);
  out.bytes(7, state.slots);
  if (state.latest != Instant::min()) {
    out.time(8, state.latest);
  }
  if (state.bodies != Digest{}) {
    out.bytes(9, state.bodies);
  }
  return seal(keys.state(), additional_data(place).view(), out.view());
}

State unseal_state(const StoreKeys& keys, const StorePlace& place, ByteView sealed) {
  Bytes content;
  if (!unseal(keys.state(), additional_data(place).view(), sealed, content)) {
    throw Error(Errc::damaged, "the state of the store is damaged or was tampered with",
                "restore the store from a backup");
  }
  FieldReader in(content);
  State state;
  state.commit = in.number(1);
  state.records = in.number(2);
  state.last_seq = in.number(3);
  state.events = in.number(4);
  state.audit_head = in.digest(5);
  state.tally = in.digest(6);
  state.slots = in.digest(7);
  state.latest = in.optional_time(8).value_or(Instant::min());
  if (!in.at_end()) {
    state.bodies = in.digest(9);
  }
  in.done();
  return state;
}

Digest tally_of(const StoreKeys& keys, std::uint64_t kind, std::string_view id, std::uint64_t revision, ByteView tag) {
  Parts parts;
  parts.text("caplet/tally/v1").number(kind).text(id).number(revision).bytes(tag);
  return keyed_hash(keys.tally(), parts.view());
}

void toggle(Digest& tally, const Digest& part) noexcept {
  for (std::size_t i = 0; i < tally.size(); ++i) {
    tally[i] ^= part[i];
  }
}

} // namespace caplet
