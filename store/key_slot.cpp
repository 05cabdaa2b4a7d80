#include "store/key_slot.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <chrono>

namespace caplet {
namespace {

constexpr std::size_t k_salt_size = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::uint64_t k_format_without_place = 2; ///< from here on a slot does not depend on the format

Error bad_slot(std::string_view problem) {
  return {Errc::locked, fmt::format("a key slot of the store is damaged: {}", problem),
          "restore the store from a backup, or open it by another slot"};
}

/// 64 bytes from a root: commitment and wrapping key. BLAKE2b-512 keyed by the root; RFC 7693.
struct Derived {
  Secret bytes{std::size_t{64}};
  ByteView commitment() const { return bytes.view().first(32); }
  ByteView wrapping_key() const { return bytes.view().last(32); }
};

Derived derive(const KeySlot& slot, const StorePlace& place, ByteView root) {
  Derived derived;
  Parts context;
  context.text(slot.kind == KeySlot::Kind::key_file ? "caplet/slot/key-file/v1" : "caplet/slot/passphrase/v1");
  context.bytes(place.store).bytes(slot.id);
  crypto_generichash(derived.bytes.data().data(), derived.bytes.size(), context.view().data(), context.view().size(),
                     root.data(), root.size());
  return derived;
}

/// Without the format: a migration cannot ask for every passphrase to wrap all slots anew.
Parts additional_data(const KeySlot& slot, const StorePlace& place) {
  Parts parts;
  parts.text(place.format < k_format_without_place ? "caplet/slot/v1" : "caplet/slot/v2");
  parts.bytes(place.store).bytes(slot.id).number(static_cast<std::uint64_t>(slot.kind)).bytes(slot.params);
  parts.number(place.epoch);
  if (place.format < k_format_without_place) {
    parts.number(place.format);
  }
  return parts;
}

Bytes encoded(const SlotParams& params, KeySlot::Kind kind) {
  FieldWriter out;
  out.time(1, params.created_at);
  if (kind == KeySlot::Kind::passphrase) {
    out.number(2, params.cost.passes);
    out.number(3, params.cost.memory);
    out.bytes(4, params.salt);
  }
  return {out.view().begin(), out.view().end()};
}

SlotParams decoded(const KeySlot& slot) {
  FieldReader in(slot.params);
  SlotParams params;
  params.created_at = in.optional_time(1);
  if (slot.kind == KeySlot::Kind::passphrase) {
    params.cost = {in.number(2), in.number(3)};
    const ByteView salt = in.value(4);
    params.salt.assign(salt.begin(), salt.end());
  }
  in.done();
  return params;
}

} // namespace

SlotParams read_params(const KeySlot& slot) {
  SlotParams params;
  try {
    params = decoded(slot);
  } catch (const Error&) {
    throw bad_slot("its parameters do not read");
  }
  if (slot.kind == KeySlot::Kind::passphrase) {
    const auto& [passes, memory] = params.cost;
    if (params.salt.size() != k_salt_size || passes < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
        memory < crypto_pwhash_argon2id_MEMLIMIT_MIN) {
      throw bad_slot("its parameters do not read");
    }
    if (passes > PassphraseCost::k_most_passes || memory > PassphraseCost::k_most_memory) {
      throw bad_slot(fmt::format("it asks for {} passes over {} MiB, and caplet does at most {} over {}", passes,
                                 memory >> 20U, PassphraseCost::k_most_passes, PassphraseCost::k_most_memory >> 20U));
    }
  }
  return params;
}

KeySlot new_key_file_slot(const SlotId& id, Instant now) {
  KeySlot slot;
  slot.id = id;
  slot.params = encoded({std::chrono::floor<std::chrono::seconds>(now), {}, {}}, slot.kind);
  return slot;
}

KeySlot new_passphrase_slot(const PassphraseCost& cost, Instant now) {
  KeySlot slot;
  slot.kind = KeySlot::Kind::passphrase;
  randombytes_buf(slot.id.data(), slot.id.size());
  SlotParams params{std::chrono::floor<std::chrono::seconds>(now), cost, Bytes(k_salt_size)};
  randombytes_buf(params.salt.data(), params.salt.size());
  slot.params = encoded(params, slot.kind);
  return slot;
}

Secret stretch(const KeySlot& slot, ByteView passphrase) {
  const SlotParams params = read_params(slot);
  Secret root(k_key_size);
  if (crypto_pwhash_argon2id(root.data().data(), root.size(), as_text(passphrase).data(), passphrase.size(),
                             params.salt.data(), params.cost.passes, params.cost.memory,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    throw Error(Errc::failed,
                fmt::format("there is not enough memory for the passphrase: {} MiB", params.cost.memory >> 20U),
                "close other programs, or raise the limit (ulimit -v)");
  }
  return root;
}

void wrap_store_key(KeySlot& slot, const StorePlace& place, ByteView root, ByteView store_key) {
  const Derived derived = derive(slot, place, root);
  std::copy_n(derived.commitment().begin(), slot.commitment.size(), slot.commitment.begin());
  slot.wrapped = seal(derived.wrapping_key(), additional_data(slot, place).view(), store_key);
}

std::optional<Secret> unwrap_store_key(const KeySlot& slot, const StorePlace& place, ByteView root) {
  const Derived derived = derive(slot, place, root);
  Bytes content;
  std::optional<Secret> store_key;
  if (same_bytes(derived.commitment(), slot.commitment) &&
      unseal(derived.wrapping_key(), additional_data(slot, place).view(), slot.wrapped, content) &&
      content.size() == k_key_size) {
    store_key.emplace(ByteView(content));
  }
  wipe(content);
  return store_key;
}

} // namespace caplet
