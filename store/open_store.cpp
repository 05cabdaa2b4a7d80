#include "store/open_store.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/audit_chain.hpp"
#include "store/migration.hpp"
#include "store/open_sealed.hpp"
#include "store/record_codec.hpp"
#include "store/schema.hpp"
#include "store/store_row.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

namespace caplet {
namespace {

namespace fs = std::filesystem;

/// The key file where there is one: given, or left by an earlier try.
std::optional<KeyFile> existing_key(const Location& location) {
  try {
    return read_key_file(location.key);
  } catch (const Error& e) {
    if (e.code() != Errc::missing) {
      throw;
    }
    if (location.key_is_given) {
      throw Error(Errc::locked, e.what(), "put the key file there, or unset CAPLET_KEY_FILE to have one made");
    }
    return std::nullopt;
  }
}

KeyFile make_key(const Location& location) {
  KeyFile key = draw_key_file();
  make_private_directory(location.key.parent_path());
  check_directory(location.key.parent_path());
  write_key_file(location.key, key);
  return key;
}

Event creation_event(const Account& account, const NewStore& wanted, Instant now) {
  Event event;
  event.time = now;
  event.action = "store.create";
  event.actor_name = account.name;
  event.os_uid = wanted.os_uid;
  return event;
}

/// What opens a new store: the slot, and the root that it is wrapped under.
struct FirstSlot {
  KeySlot slot;
  Secret root;
};

FirstSlot first_slot(const Location& location, const NewStore& wanted, Instant now) {
  if (wanted.passphrase) {
    KeySlot slot = new_passphrase_slot(wanted.cost, now);
    Secret root = stretch(slot, wanted.passphrase->view());
    return {std::move(slot), std::move(root)};
  }
  auto found = existing_key(location);
  KeyFile key = found ? std::move(*found) : make_key(location);
  return {new_key_file_slot(key.slot, now), std::move(key.key)};
}

/// Everything that a new store holds, in one transaction. The store as it is then, for its anchor.
struct Filled {
  Anchor anchor;
  Digest anchor_key;
};

Filled fill(Database& database, FirstSlot first, const NewStore& wanted, Instant now) {
  StorePlace place;
  place.format = k_schema_version;
  randombytes_buf(place.store.data(), place.store.size());
  const StoreKeys keys = StoreKeys::draw();
  const Keyring keyring = Keyring::draw();
  const Account account{draw_id(), wanted.account, std::chrono::floor<std::chrono::seconds>(now)};
  wrap_store_key(first.slot, place, first.root.view(), keys.store());

  State state;
  state.commit = 1;
  state.slots = digest_of(keys, {first.slot});
  insert_slot(database, first.slot);
  RecordTable records(database, keys, place);
  FieldWriter settings;
  settings.text(1, wanted.prefix);
  settings.text(2, account.id);
  records.insert(state, RecordKind::settings, k_settings_id, std::nullopt, settings.view());
  FieldWriter own_keys;
  encode(own_keys, keyring);
  records.insert(state, RecordKind::keyring, k_keyring_id, std::nullopt, own_keys.view());
  FieldWriter first_account;
  encode(first_account, account);
  records.insert(state, RecordKind::account, account.id, std::nullopt, first_account.view());
  append_event(database, keys, place, state, creation_event(account, wanted, now));
  insert_store_row(database, place, seal_state(keys, place, state));
  return {anchor_of(place.store, state), anchor_key(keyring.token_key())};
}

Filled make_store_file(const fs::path& store, FirstSlot first, const NewStore& wanted, Instant now) {
  UnfinishedStore unfinished(unfinished_name(store));
  Filled filled;
  {
    Database database(unfinished.path(), Database::Open::create);
    database.exec("BEGIN IMMEDIATE");
    create_schema(database);
    filled = fill(database, std::move(first), wanted, now);
    database.exec("COMMIT");
  }
  rename_new(unfinished.path(), store);
  unfinished.keep();
  sync_directory(store.parent_path());
  return filled;
}

} // namespace

bool store_exists(const Location& location) {
  struct stat status {};
  return ::lstat(location.store.c_str(), &status) == 0;
}

std::unique_ptr<SealedStore> open_sealed(const Location& location, FileLock lock, Opening opening,
                                         const Unlocking& unlocking) {
  const auto begin = [&] {
    Database database(location.store, Database::Open::existing,
                      opening == Opening::at_once ? Database::Busy::says_so : Database::Busy::waits,
                      opening == Opening::for_run ? Database::Journal::stays : Database::Journal::goes);
    database.exec("BEGIN"); // all that opening reads is of one moment; SealedStore ends it
    return database;
  };
  bool migrated = false;
  Database database = begin();
  if (database.format() < k_schema_version) {
    if (opening == Opening::at_once) {
      throw Error(Errc::busy, "the store is of an older format", "any other command brings it to the newest");
    }
    database.exec("ROLLBACK");
    if (!lock.acquire(FileLock::Mode::exclusive, SealedStore::k_lock_deadline)) {
      throw Error(Errc::busy, "another process holds the store", "try again in a moment");
    }
    migrate(location, unlocking);
    database = begin();
    migrated = true;
  }
  check_schema(database);
  auto store = std::make_unique<SealedStore>(open_vault(std::move(database), location, unlocking), std::move(lock),
                                             location, opening);
  if (migrated) {
    store->note_anchor(); // an old format had none
  }
  return store;
}

namespace {

/// The store's file and lock, found safe; the lock is held in shared mode.
struct Found {
  Location location;
  FileLock lock;
};

Found find_store(const Location& location, Opening opening = Opening::strict) {
  require_sodium();
  const Location real = resolved(location);
  try {
    check_private_file(real.store, "the store");
  } catch (const Error& e) {
    if (e.code() == Errc::missing) {
      throw Error(Errc::missing, fmt::format("there is no store yet at {}", escape(real.store.string(), 4096)),
                  "the first token makes it: caplet token create -n NAME");
    }
    throw;
  }
  check_directory(real.store.parent_path());
  FileLock lock(real.lock());
  if (!lock.acquire(FileLock::Mode::shared, SealedStore::patience(opening))) {
    throw Error(Errc::busy, "another process holds the store", "try again in a moment");
  }
  return {real, std::move(lock)};
}

} // namespace

StoreId store_id(const Location& location) {
  const Found found = find_store(location);
  Database database(found.location.store, Database::Open::existing);
  return read_place(database).store;
}

std::unique_ptr<LocalStore> open_store(const Location& location, Opening opening, const Unlocking& unlocking) {
  Found found = find_store(location, opening);
  return open_sealed(found.location, std::move(found.lock), opening, unlocking);
}

void create_store(const Location& location, const NewStore& wanted, const Clock& clock) {
  require_sodium();
  check_name(wanted.account);
  if (!is_prefix(wanted.prefix)) {
    throw Error(Errc::usage, fmt::format("\"{}\" cannot be a prefix", escape(wanted.prefix, 40)),
                "use 2 to 10 lower-case letters and digits, a letter first");
  }
  if (!wanted.passphrase) {
    existing_key(location); // one that cannot be used is refused before anything is made
  }
  make_private_directory(location.store.parent_path());
  const Location real = resolved(location);
  check_directory(real.store.parent_path());
  FileLock lock(real.lock());
  if (!lock.acquire(FileLock::Mode::exclusive, SealedStore::k_lock_deadline)) {
    throw Error(Errc::busy, "another process is making the store", "try again in a moment");
  }
  if (store_exists(real)) {
    throw Error(Errc::exists, fmt::format("there is a store already at {}", escape(real.store.string(), 4096)),
                "use it, or set CAPLET_HOME to another directory");
  }
  require_no_store(real.store);
  const Instant now = clock.now();
  const Filled filled = make_store_file(real.store, first_slot(real, wanted, now), wanted, now);
  if (!real.anchor.empty()) {
    write_anchor(real.anchor, filled.anchor_key, filled.anchor);
  }
  if (!real.reserve.empty()) {
    make_reserve(real.reserve);
  }
}

} // namespace caplet
