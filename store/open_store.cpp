#include "store/open_store.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/audit_chain.hpp"
#include "store/record_codec.hpp"
#include "store/schema.hpp"
#include "store/sealed_store.hpp"
#include "store/store_row.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace caplet {
namespace {

namespace fs = std::filesystem;

/// The location with the links in the store's directory resolved: SQLite is told to follow none.
Location resolved(const Location& location) {
  Location real = location;
  std::error_code error;
  const fs::path directory = fs::canonical(location.store.parent_path(), error);
  if (!error) {
    real.store = directory / location.store.filename();
  }
  return real;
}

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

/// Everything that a new store holds, in one transaction.
void fill(Database& database, const KeyFile& key, const NewStore& wanted, Instant now) {
  SlotPlace place;
  randombytes_buf(place.store.data(), place.store.size());
  Secret store_key(k_key_size);
  randombytes_buf(store_key.data().data(), store_key.size());
  Secret token_key(k_key_size);
  randombytes_buf(token_key.data().data(), token_key.size());
  const StoreKeys keys(store_key.view());
  const Account account{draw_id(), wanted.account, std::chrono::floor<std::chrono::seconds>(now)};
  const KeySlot slot = wrap_store_key(place, key, store_key.view());

  State state;
  state.commit = 1;
  state.slots = digest_of(keys, {slot});
  insert_slot(database, slot);
  RecordTable records(database, keys, place);
  FieldWriter settings;
  settings.text(1, wanted.prefix);
  settings.text(2, account.id);
  records.insert(state, RecordKind::settings, k_settings_id, std::nullopt, settings.view());
  FieldWriter keyring;
  keyring.bytes(1, token_key.view());
  records.insert(state, RecordKind::keyring, k_keyring_id, std::nullopt, keyring.view());
  FieldWriter first_account;
  encode(first_account, account);
  records.insert(state, RecordKind::account, account.id, std::nullopt, first_account.view());
  append_event(database, keys, place, state, creation_event(account, wanted, now));
  insert_store_row(database, place, seal_state(keys, place, state));
}

/// An empty file with mode 0600 for SQLite to fill, in place of what a killed run left behind.
void make_empty_file(const fs::path& path) {
  ::unlink(path.c_str());
  ::unlink((path.string() + "-journal").c_str());
  make_private_file(path);
}

void make_store_file(const fs::path& store, const KeyFile& key, const NewStore& wanted, Instant now) {
  const fs::path unfinished = unfinished_name(store);
  make_empty_file(unfinished);
  try {
    {
      Database database(unfinished, Database::Open::create);
      database.exec("BEGIN IMMEDIATE");
      create_schema(database);
      fill(database, key, wanted, now);
      database.exec("COMMIT");
    }
    rename_new(unfinished, store);
  } catch (...) {
    ::unlink(unfinished.c_str());
    ::unlink((unfinished.string() + "-journal").c_str());
    throw;
  }
  sync_directory(store.parent_path());
}

} // namespace

bool store_exists(const Location& location) {
  struct stat status {};
  return ::lstat(location.store.c_str(), &status) == 0;
}

std::unique_ptr<Store> open_store(const Location& location, Opening opening) {
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
  if (!lock.acquire(FileLock::Mode::shared, SealedStore::k_lock_deadline)) {
    throw Error(Errc::busy, "another process holds the store", "try again in a moment");
  }
  Database database(real.store, Database::Open::existing);
  database.exec("BEGIN"); // all that opening reads is of one moment; SealedStore ends it
  check_schema(database);
  return std::make_unique<SealedStore>(std::move(database), std::move(lock), real, opening);
}

void create_store(const Location& location, const NewStore& wanted, const Clock& clock) {
  require_sodium();
  check_name(wanted.account);
  if (!is_prefix(wanted.prefix)) {
    throw Error(Errc::usage, fmt::format("\"{}\" cannot be a prefix", escape(wanted.prefix, 40)),
                "use 2 to 10 lower-case letters and digits, a letter first");
  }
  existing_key(location); // one that cannot be used is refused before anything is made
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
  auto found = existing_key(real);
  const KeyFile key = found ? std::move(*found) : make_key(real);
  make_store_file(real.store, key, wanted, clock.now());
}

} // namespace caplet
