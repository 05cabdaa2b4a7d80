#include "store/migration.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "store/audit_chain.hpp"
#include "store/backup.hpp"
#include "store/record_codec.hpp"
#include "store/record_table.hpp"
#include "store/schema.hpp"
#include "store/store_row.hpp"
#include "store/vault.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

/// One step of the format. `change` writes all that is different in `to`, and brings the vault's state along; what is
/// common (version, event, state, commit) is done around it.
struct Migration {
  std::uint64_t from;
  void (*change)(Vault& vault, const StorePlace& to, const Location& location, const Unlocking& unlocking);
};

/// A link of format 1: keyed, over the stored bytes.
Digest link_of_format_1(const Vault& vault, const StoredEvent& event, const Digest& before) {
  Parts parts;
  parts.text("caplet/audit/v1").bytes(vault.place.store).number(event.seq).number(event.epoch);
  parts.bytes(before).bytes(event.sealed);
  return keyed_hash(vault.keys.audit(), parts.view());
}

/// Links go over the content with a salt, so that they last through a rekey and an export can be followed.
void relink_events(Vault& vault, const StorePlace& to) {
  constexpr std::size_t k_batch = 512;
  Database::Query update(vault.database, k_rewrite_event);
  Digest before{};
  Digest head{};
  std::uint64_t last = 0;
  std::vector<StoredEvent> rows;
  do {
    rows = read_stored_events(vault.database, last, k_batch);
    for (const StoredEvent& row : rows) {
      const auto content = open_event(vault.keys, vault.place, row);
      if (!content || row.seq != last + 1 || link_of_format_1(vault, row, before) != row.link) {
        throw Error(Errc::damaged, fmt::format("event {} of the audit log is damaged or was tampered with", last + 1),
                    "restore the store from a backup");
      }
      Event event = decode_event(*content);
      event.salt.resize(16);
      randombytes_buf(event.salt.data(), event.salt.size());
      FieldWriter salted;
      encode(salted, event);
      head = link_of(to.store, row.seq, head, salted.view());
      rewrite_event(update, vault.keys, to, row.seq, salted.view(), head);
      before = row.link;
      last = row.seq;
    }
  } while (rows.size() == k_batch);
  if (last != vault.state.events || before != vault.state.audit_head) {
    throw Error(Errc::damaged, "events were cut off the audit log", "restore the store from a backup");
  }
  vault.state.audit_head = head;
}

/// Format 2: links over contents, a key that signs the audit log, slots that do not depend on the format.
void to_format_2(Vault& vault, const StorePlace& to, const Location& location, const Unlocking& unlocking) {
  RecordTable old_records(vault.database, vault.keys, vault.place);
  RecordTable new_records(vault.database, vault.keys, to);
  const auto add_signing_seed = [](const Record& record, FieldWriter& content) {
    if (record.kind == RecordKind::keyring) {
      FieldReader in(record.content);
      encode(content, Keyring::with_token_key(in.value(1)));
    }
  };
  Steps steps({}, 0);
  old_records.reseal(new_records, vault.state, add_signing_seed, steps);
  relink_events(vault, to);
  for (KeySlot& slot : vault.slots) {
    const Secret root = root_of(slot, vault.place, location, unlocking);
    wrap_store_key(slot, to, root.view(), vault.keys.store());
    update_slot(vault.database, slot);
  }
  vault.state.slots = digest_of(vault.keys, vault.slots);
}

/// Format 3: tokens have more fields, and there are more kinds of record. What was there stays as it is, but nothing
/// sealed for one format opens in another.
void to_format_3(Vault& vault, const StorePlace& to, const Location& /*location*/, const Unlocking& /*unlocking*/) {
  RecordTable old_records(vault.database, vault.keys, vault.place);
  RecordTable new_records(vault.database, vault.keys, to);
  Steps steps({}, 0);
  old_records.reseal(new_records, vault.state, {}, steps);
  reseal_events(vault.database, {vault.keys, vault.place}, {vault.keys, to}, vault.state, steps);
}

/// In their order; the last one leads to k_schema_version.
constexpr std::array k_migrations{
    Migration{1, to_format_2},
    Migration{2, to_format_3},
};
static_assert(k_migrations.back().from + 1 == k_schema_version);

Event migration_event(std::uint64_t from) {
  Event event;
  event.time = SystemClock().now();
  event.action = "store.migrate";
  event.os_uid = ::geteuid();
  event.reason = fmt::format("format {} to {}", from, from + 1);
  return event;
}

} // namespace

std::filesystem::path migration_backup(const Location& location, std::uint64_t format) {
  return fmt::format("{}.format-{}", location.store.string(), format);
}

void migrate(const Location& location, const Unlocking& unlocking) {
  Database database(location.store, Database::Open::existing);
  database.exec("BEGIN IMMEDIATE");
  check_schema(database);
  Vault vault = open_vault(std::move(database), location, unlocking);
  if (vault.place.format >= k_schema_version) {
    return; // another process was first
  }
  vault.database.exec("ROLLBACK"); // nothing was written: the copy is made outside of a transaction
  copy_store(vault.database, migration_backup(location, vault.place.format), OnExisting::replace, {});
  vault.database.exec("BEGIN IMMEDIATE");
  for (const Migration& migration : k_migrations) {
    if (migration.from != vault.place.format) {
      continue;
    }
    StorePlace to = vault.place;
    to.format = migration.from + 1;
    migration.change(vault, to, location, unlocking);
    append_event(vault.database, vault.keys, to, vault.state, migration_event(migration.from));
    vault.state.commit += 1;
    update_state_row(vault.database, seal_state(vault.keys, to, vault.state));
    vault.database.exec(fmt::format("PRAGMA user_version = {}", to.format));
    vault.database.exec("COMMIT");
    vault.place = to;
    vault.database.exec("BEGIN IMMEDIATE");
  }
}

} // namespace caplet
