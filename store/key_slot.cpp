#include "store/key_slot.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"
#include "store/schema.hpp"

#include <sodium.h>

#include <algorithm>

namespace caplet {
namespace {

/// 64 bytes from the key file's 32: commitment and wrapping key. BLAKE2b-512 keyed by the file's key; RFC 7693.
struct Derived {
  Secret bytes{std::size_t{64}};
  ByteView commitment() const { return bytes.view().first(32); }
  ByteView wrapping_key() const { return bytes.view().last(32); }
};

Derived derive(const SlotPlace& place, const KeyFile& key) {
  Derived derived;
  Parts context;
  context.text("caplet/slot/key-file/v1").bytes(place.store).bytes(key.slot);
  crypto_generichash(derived.bytes.data().data(), derived.bytes.size(), context.view().data(), context.view().size(),
                     key.key.view().data(), key.key.size());
  return derived;
}

Parts additional_data(const SlotPlace& place, const KeySlot& slot) {
  Parts parts;
  parts.text("caplet/slot/v1")
      .bytes(place.store)
      .bytes(slot.id)
      .number(static_cast<std::uint64_t>(slot.kind))
      .bytes(slot.params)
      .number(place.epoch)
      .number(k_schema_version);
  return parts;
}

} // namespace

KeySlot wrap_store_key(const SlotPlace& place, const KeyFile& key, ByteView store_key) {
  const Derived derived = derive(place, key);
  KeySlot slot;
  slot.id = key.slot;
  std::copy_n(derived.commitment().begin(), slot.commitment.size(), slot.commitment.begin());
  slot.wrapped = seal(derived.wrapping_key(), additional_data(place, slot).view(), store_key);
  return slot;
}

Secret unwrap_store_key(const SlotPlace& place, const KeySlot& slot, const KeyFile& key) {
  const Derived derived = derive(place, key);
  Bytes content;
  const bool fits = same_bytes(derived.commitment(), slot.commitment) &&
                    unseal(derived.wrapping_key(), additional_data(place, slot).view(), slot.wrapped, content) &&
                    content.size() == k_key_size;
  if (!fits) {
    wipe(content);
    throw Error(Errc::locked, "the key file does not open this store, or the store's header is damaged",
                "put back the key file that belongs to it, or restore the store from a backup");
  }
  Secret store_key{ByteView(content)};
  wipe(content);
  return store_key;
}

} // namespace caplet
