#pragma once

#include "core/store.hpp"
#include "store/unlock.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// A key slot as its owner sees it.
struct SlotInfo {
  std::string id; ///< 16 hexadecimal digits
  KeySlot::Kind kind = KeySlot::Kind::key_file;
  std::optional<Instant> created_at;
  PassphraseCost cost;    ///< of a passphrase
  bool opened_it = false; ///< the store was opened by this one
};

/// What there is to know of a store without reading all of it.
struct StoreFacts {
  std::string id; ///< 32 hexadecimal digits
  std::uint64_t format = 0;
  std::uint64_t epoch = 0;  ///< how often it was given a new key
  std::uint64_t commit = 0; ///< number of its last change
  std::uint64_t records = 0;
  std::uint64_t events = 0;
};

/// What only a store in a file of our own has, and only its owner may do: no token ever reaches these. Each change is
/// one transaction with its event in the log. The `event` that is given has the time and the actor; the rest is filled
/// in. Threads: one at a time.
class LocalStore : public Store {
public:
  virtual StoreFacts facts() const = 0;
  virtual std::vector<SlotInfo> slots() const = 0;

  /// Adds a slot for a key file, which exists already, or for a passphrase. It is proved to open the store before it is
  /// kept. Throws Error{exists} for a key file that has a slot, Error{failed} beyond KeySlot::k_most.
  virtual SlotInfo add_slot(const KeyFile& key, const Event& event) = 0;
  virtual SlotInfo add_slot(ByteView passphrase, const PassphraseCost& cost, const Event& event) = 0;

  /// Removes a slot, by its id. The last one stays: Error{denied}. Where the store was opened by this slot, another is
  /// proved to open it first. Throws Error{not_found, locked}.
  virtual void remove_slot(std::string_view id, const Unlocking& unlocking, const Event& event) = 0;

  /// Draws a new store key, seals everything anew under it and wraps it in all slots, for which it needs what opens
  /// them. Tokens stay valid; the audit log goes on. One transaction, in memory that does not grow with the store. The
  /// object must not be used afterwards: open the store again. Throws Error{locked, damaged, full}.
  virtual void rekey(const Unlocking& unlocking, const Event& event, const Progress& progress) = 0;

  /// Copies the store to a new file, of one moment, checks the copy in full, and gives it its name. Throws
  /// Error{exists, damaged, full, unavailable}.
  virtual CheckReport backup(const std::filesystem::path& file, const Progress& progress) = 0;

  /// Takes the store as it is for the newest there is, although this machine has seen a newer one.
  virtual void accept_rollback(const Event& event) = 0;
  /// Takes the event's time for the latest, although a change has named a later one: the clock was wrong then.
  virtual void accept_clock(const Event& event) = 0;

  /// The same store, opened anew with the key that this one has: for a process that was forked from this one, and may
  /// not use the connection it inherits. Throws like open_store().
  virtual std::unique_ptr<LocalStore> reopen() const = 0;

  /// Keeps the store key in the kernel's keyring. Throws Error{unavailable}.
  virtual void cache_key(std::chrono::seconds time) = 0;
};

} // namespace caplet
