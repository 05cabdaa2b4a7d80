#include "store/sealed_store.hpp"

#include "core/error.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"
#include "store/audit_chain.hpp"
#include "store/function_codec.hpp"
#include "store/sealed_change.hpp"
#include "store/sealed_reading.hpp"
#include "store/store_row.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_batch = 512;
constexpr std::string_view k_restore = "restore the store from a backup";

Record require(std::optional<Record> record) {
  if (!record) {
    throw Error(Errc::damaged, "one of the store's own records is gone", std::string(k_restore));
  }
  return *record;
}

} // namespace

SealedStore::SealedStore(Vault vault, FileLock lock, Location location, Opening opening)
    : m_lock(std::move(lock)), m_location(std::move(location)), m_opening(opening), m_vault(std::move(vault)) {
  m_records.emplace(m_vault.database, m_vault.keys, m_vault.place);
  m_state_version = m_vault.database.data_version();
  if (opening != Opening::for_check && m_vault.state.records <= k_small_store && !m_records->matches(m_vault.state)) {
    throw Error(Errc::damaged, "records of the store were deleted, added or put back to an older version",
                "see what is wrong: caplet store check; then restore the store from a backup");
  }
  read_own_records();
  if (opening != Opening::for_check) {
    check_anchor();
  }
  m_vault.database.exec("COMMIT");
  m_vault.database.lose_patience();
  m_lock.release();
}

SealedStore::~SealedStore() = default;

void SealedStore::read_own_records() {
  FieldReader settings(require(m_records->find(k_settings_id, RecordKind::settings)).content);
  m_info.prefix = settings.text(1);
  m_info.account = settings.text(2);
  m_info.issuer = issuer_of(m_vault.place.store);
  settings.done();
  m_keyring = decode_keyring(require(m_records->find(k_keyring_id, RecordKind::keyring)).content);
  m_records->forget();
  m_anchor_key = anchor_key(m_keyring->token_key());
}

/// The log must go through the anchor: an older copy ends before it, and one that went on from an older copy has
/// another event there.
bool SealedStore::check_anchor() {
  if (m_location.anchor.empty()) {
    return false;
  }
  const auto anchor = read_anchor(m_location.anchor, m_anchor_key);
  if (!anchor) {
    return false;
  }
  constexpr std::string_view k_on_purpose = "if you did that on purpose: caplet store check --accept-rollback";
  if (anchor->commit > m_vault.state.commit) {
    throw Error(Errc::damaged,
                fmt::format("the store was put back to an older state: it is at change {}, and this machine has seen "
                            "change {}",
                            m_vault.state.commit, anchor->commit),
                std::string(k_on_purpose));
  }
  if (anchor->store != m_vault.place.store ||
      prove_link(m_vault.database, m_vault.keys, m_vault.place, anchor->events) != anchor->audit_head) {
    throw Error(
        Errc::damaged,
        fmt::format("the store has another history than this machine has seen: its audit log differs at event {}",
                    anchor->events),
        std::string(k_on_purpose));
  }
  return true;
}

void SealedStore::check_anchor(CheckReport& report) {
  try {
    report.anchored = check_anchor();
  } catch (const Error& e) {
    report.problems.push_back({std::string(CheckReport::k_anchor), e.what()});
  }
}

void SealedStore::refresh_state() {
  const std::uint32_t version = m_vault.database.data_version();
  if (m_state_version == version) {
    return;
  }
  Database::Query& row = m_vault.database.kept("SELECT state FROM store");
  const ScopedReset reset(row);
  if (!row.step()) {
    throw Error(Errc::damaged, "the state of the store is gone", std::string(k_restore));
  }
  const State state = [&] {
    try {
      return unseal_state(m_vault.keys, m_vault.place, row.blob(0));
    } catch (const Error&) {
      require_same_epoch();
      throw;
    }
  }();
  if (state.commit < m_vault.state.commit) {
    throw Error(Errc::damaged, "the store was put back to an older state while it was open", std::string(k_restore));
  }
  m_vault.state = state;
  m_state_version = m_vault.database.data_version();
}

/// Database::data_version() where nothing was read yet: SQLite sees that the file has changed when it reads.
std::uint32_t SealedStore::version_now() {
  Database::Query& look = m_vault.database.kept("SELECT 1 FROM sqlite_schema");
  const ScopedReset reset(look);
  look.step();
  return m_vault.database.data_version();
}

void SealedStore::look_again() {
  version_now();
  refresh_state();
}

/// What does not open may be under another key by now.
void SealedStore::require_same_epoch() {
  if (read_place(m_vault.database).epoch != m_vault.place.epoch) {
    throw Error(Errc::unavailable, "the store was given a new key while it was open", "run it again");
  }
}

std::optional<Account> SealedStore::account(std::string_view id) {
  return reading([&] {
    const auto record = m_records->find(id, RecordKind::account);
    return record ? std::optional(decode_account(record->id, record->content)) : std::nullopt;
  });
}

Denials SealedStore::denials() {
  return reading([&] {
    const auto record = m_records->find(k_denials_id, RecordKind::denials);
    return record ? decode_denials(record->content) : Denials();
  });
}

Policy SealedStore::policy() {
  return reading([&] {
    const auto record = m_records->find(k_policy_id, RecordKind::policy);
    return record ? decode_policy(record->content) : Policy();
  });
}

std::optional<SigningKey> SealedStore::signing_key(std::string_view kid) {
  return reading([&] {
    const auto record = m_records->find(kid, RecordKind::signing_key);
    auto key = record ? std::optional(decode_signing_key(record->id, record->content)) : std::nullopt;
    m_records->forget(); // the seed passed through it
    return key;
  });
}

std::vector<SigningKey> SealedStore::signing_keys() {
  std::vector<SigningKey> keys;
  std::string kid = reading([&] {
    const auto record = m_records->find(k_signing_id, RecordKind::signing);
    if (!record) {
      return std::string();
    }
    FieldReader in(record->content);
    std::string newest(in.text(1));
    in.done();
    return newest;
  });
  while (!kid.empty()) {
    auto key = signing_key(kid);
    if (!key) {
      throw Error(Errc::damaged, fmt::format("the signing key {} is gone", escape(kid)), std::string(k_restore));
    }
    kid = key->replaced;
    keys.push_back(std::move(*key));
  }
  return keys;
}

void SealedStore::each_event(std::uint64_t after, const std::function<bool(const Event&)>& visit) {
  const std::uint64_t known = m_vault.state.events;
  auto before = reading([&] { return read_link(m_vault.database, after); });
  std::vector<Event> batch;
  do {
    batch = reading([&] {
      return read_events(m_vault.database, m_vault.keys, m_vault.place, after, before.value_or(Digest{}), k_batch);
    });
    for (const Event& event : batch) {
      after = event.seq;
      before = event.link;
      if (!visit(event)) {
        return;
      }
    }
  } while (batch.size() == k_batch);
  if (after < known) {
    throw Error(Errc::damaged, fmt::format("the audit log ends at event {}, and the store remembers {}", after, known),
                "see all that is wrong: caplet store check");
  }
}

CheckReport SealedStore::check(const Progress& progress) {
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  const Database::Patience patience(m_vault.database);
  const ReadTransaction moment(m_vault.database); // all that is looked at, the state first
  refresh_state();
  CheckReport report;
  Steps steps(progress, m_vault.state.records + m_vault.state.events);
  m_records->check(m_vault.state, report, steps, [](const Record& record) {
    switch (record.kind) {
    case RecordKind::token:
      decode_token(record.id, record.content);
      break;
    case RecordKind::account:
      decode_account(record.id, record.content);
      break;
    case RecordKind::signing_key:
      decode_signing_key(record.id, record.content);
      break;
    case RecordKind::function:
      decode_function(record.id, record.content);
      break;
    case RecordKind::function_body:
      decode_body(record.content);
      break;
    case RecordKind::credential:
      decode_credential(record.id, record.content);
      break;
    default: // the store's own: they were read when it was opened, or are read when they are needed
      break;
    }
  });
  m_records->forget();
  check_events(m_vault.database, m_vault.keys, m_vault.place, m_vault.state, report, steps);
  // Without what the indexes hold: the records' have been looked at, and the other tables have none.
  Database::Query integrity(m_vault.database, "PRAGMA quick_check");
  while (integrity.step()) {
    if (integrity.text(0) != "ok") {
      report.problems.push_back({"file", escape(integrity.text(0))});
    }
  }
  Database::Query pages(m_vault.database, "PRAGMA page_count");
  report.pages = pages.step() ? static_cast<std::uint64_t>(pages.number(0)) : 0;
  check_anchor(report);
  return report;
}

Digest SealedStore::token_digest(std::string_view token) const {
  constexpr std::string_view k_label = "caplet/token/v1";
  return keyed_hash(m_keyring->token_key(), as_bytes(k_label), as_bytes(token));
}

std::unique_ptr<Transaction> SealedStore::begin() { return change(); }

std::unique_ptr<Transaction> SealedStore::begin_recurring() { return change(Database::Journal::stays); }

std::unique_ptr<Transaction> SealedStore::try_begin() {
  // What is only to be looked at is not stamped: a commit would also take the anchor to a state that nobody accepted.
  if (m_opening == Opening::for_check || m_vault.database.is_read_only()) {
    return nullptr;
  }
  try {
    return change(std::chrono::milliseconds::zero(), Database::Journal::goes);
  } catch (const Error& e) {
    if (e.code() == Errc::busy) {
      return nullptr;
    }
    throw;
  }
}

std::unique_ptr<SealedStore::Change> SealedStore::change(Database::Journal journal) {
  auto change = this->change(k_lock_deadline, journal);
  if (!change) {
    throw busy();
  }
  return change;
}

std::unique_ptr<SealedStore::Change> SealedStore::change(std::chrono::milliseconds deadline,
                                                         Database::Journal journal) {
  if (!m_lock.acquire(FileLock::Mode::exclusive, deadline)) {
    return nullptr;
  }
  try {
    return std::make_unique<Change>(*this, deadline > std::chrono::milliseconds::zero(), journal);
  } catch (...) {
    m_lock.release();
    throw;
  }
}

void SealedStore::note_anchor() const noexcept {
  // After the commit: an anchor that is behind does no harm, one that is ahead would refuse the store.
  if (!m_location.anchor.empty()) {
    write_anchor(m_location.anchor, m_anchor_key, anchor());
  }
  if (!m_location.reserve.empty()) {
    make_reserve(m_location.reserve);
  }
}

bool SealedStore::release_reserve() noexcept { return ::unlink(m_location.reserve.c_str()) == 0; }

} // namespace caplet
