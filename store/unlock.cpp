#include "store/unlock.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/key_cache.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::string_view k_or_header = "or the store's header is damaged";

bool has_passphrase(const std::vector<KeySlot>& slots) {
  return std::any_of(slots.begin(), slots.end(),
                     [](const KeySlot& slot) { return slot.kind == KeySlot::Kind::passphrase; });
}

const KeySlot* slot_of(const std::vector<KeySlot>& slots, const SlotId& id) {
  const auto slot = std::find_if(slots.begin(), slots.end(), [&](const KeySlot& each) {
    return each.kind == KeySlot::Kind::key_file && each.id == id;
  });
  return slot == slots.end() ? nullptr : &*slot;
}

std::optional<KeyFile> read_if_there(const std::filesystem::path& path) {
  try {
    return read_key_file(path);
  } catch (const Error& e) {
    if (e.code() != Errc::missing) {
      throw;
    }
    return std::nullopt;
  }
}

/// By the key file at its place. Nothing where there is none, or it is another store's, and a passphrase may do.
std::optional<Unlocked> by_key_file(const StorePlace& place, const std::vector<KeySlot>& slots,
                                    const Location& location) {
  const std::string path = escape(location.key.string(), 4096);
  const bool only_way = !has_passphrase(slots) || location.key_is_given;
  const auto key = read_if_there(location.key);
  if (!key && only_way) {
    throw Error(Errc::locked, fmt::format("the key file {} is not there, and the store needs it", path),
                "put back your copy of it, or set CAPLET_KEY_FILE to where it is");
  }
  const KeySlot* slot = key ? slot_of(slots, key->slot) : nullptr;
  if (key && slot == nullptr && only_way) {
    throw Error(Errc::locked, fmt::format("the key file {} belongs to another store, or to a slot that is gone", path),
                "set CAPLET_KEY_FILE to a key file of this store");
  }
  if (slot == nullptr) {
    return std::nullopt;
  }
  auto store_key = unwrap_store_key(*slot, place, key->key.view());
  if (!store_key) {
    throw Error(Errc::locked, fmt::format("the key file does not open this store, {}", k_or_header),
                "put back the key file that belongs to it, or restore the store from a backup");
  }
  return Unlocked{std::move(*store_key), slot->id};
}

/// Asks for the passphrase until it opens one of the slots, or none is to be had.
std::optional<Unlocked> by_passphrase(const StorePlace& place, const std::vector<KeySlot>& slots,
                                      const Unlocking& unlocking, std::optional<Secret>* root_out = nullptr) {
  if (!unlocking.passphrase || !has_passphrase(slots)) {
    return std::nullopt;
  }
  for (int attempt = 1;; ++attempt) {
    const auto passphrase = unlocking.passphrase(attempt);
    if (!passphrase) {
      if (attempt == 1) {
        return std::nullopt;
      }
      throw Error(Errc::locked, fmt::format("the passphrase is wrong, {}", k_or_header),
                  "try again; if it is surely right, restore the store from a backup");
    }
    for (const KeySlot& slot : slots) {
      if (slot.kind == KeySlot::Kind::passphrase) {
        Secret root = stretch(slot, passphrase->view());
        if (auto store_key = unwrap_store_key(slot, place, root.view())) {
          if (root_out != nullptr) {
            *root_out = std::move(root);
          }
          return Unlocked{std::move(*store_key), slot.id};
        }
      }
    }
  }
}

} // namespace

namespace {

enum class Keyring : std::uint8_t { use, leave };

Unlocked unlock_by(Keyring keyring, const StorePlace& place, const std::vector<KeySlot>& slots,
                   const Location& location, const Unlocking& unlocking) {
  if (unlocking.passphrase_first) {
    if (!has_passphrase(slots)) {
      throw Error(Errc::locked, "the store has no passphrase: it is opened by a key file",
                  "leave the passphrase out, or give it one: caplet store key add --passphrase");
    }
    if (auto unlocked = by_passphrase(place, slots, unlocking)) {
      return std::move(*unlocked);
    }
  }
  if (auto unlocked = by_key_file(place, slots, location)) {
    return std::move(*unlocked);
  }
  if (keyring == Keyring::use) {
    if (auto store_key = cached_store_key(place.store)) {
      return {std::move(*store_key), std::nullopt};
    }
  }
  if (auto unlocked = by_passphrase(place, slots, unlocking)) {
    return std::move(*unlocked);
  }
  throw Error(Errc::locked, "the store is locked: it needs its passphrase",
              "give it with --passphrase-file or --passphrase-fd, or unlock it for a time: caplet unlock");
}

} // namespace

Unlocked unlock(const StorePlace& place, const std::vector<KeySlot>& slots, const Location& location,
                const Unlocking& unlocking) {
  return unlock_by(Keyring::use, place, slots, location, unlocking);
}

Unlocked unlock_by_slot(const StorePlace& place, const std::vector<KeySlot>& slots, const Location& location,
                        const Unlocking& unlocking) {
  return unlock_by(Keyring::leave, place, slots, location, unlocking);
}

Secret root_of(const KeySlot& slot, const StorePlace& place, const Location& location, const Unlocking& unlocking) {
  if (slot.kind == KeySlot::Kind::passphrase) {
    std::optional<Secret> root;
    by_passphrase(place, {slot}, unlocking, &root);
    if (root) {
      return std::move(*root);
    }
    throw Error(Errc::locked, fmt::format("the passphrase of slot {} is needed", to_hex(slot.id)),
                fmt::format("give it, or remove the slot first: caplet store key remove {}", to_hex(slot.id)));
  }
  std::vector<std::filesystem::path> paths = unlocking.key_files;
  paths.push_back(location.key);
  for (const auto& path : paths) {
    auto key = read_if_there(path);
    if (key && key->slot == slot.id) {
      if (!unwrap_store_key(slot, place, key->key.view())) {
        throw Error(Errc::locked, fmt::format("the key file {} does not open its slot", escape(path.string(), 4096)),
                    "put back your copy of it");
      }
      return std::move(key->key);
    }
  }
  throw Error(
      Errc::locked, fmt::format("the key file of slot {} is needed", to_hex(slot.id)),
      fmt::format("give it with --key-file, or remove the slot first: caplet store key remove {}", to_hex(slot.id)));
}

std::string_view to_string(KeySlot::Kind kind) noexcept {
  return kind == KeySlot::Kind::key_file ? "key file" : "passphrase";
}

} // namespace caplet
