#include "store/sealed_store.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/audit_chain.hpp"
#include "store/key_file.hpp"
#include "store/record_codec.hpp"
#include "store/store_row.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::size_t k_batch = 512;
constexpr std::string_view k_restore = "restore the store from a backup";

/// Gives a lock back at the end of a scope.
class Unlock {
public:
  explicit Unlock(FileLock& lock) noexcept : m_lock(lock) {}
  Unlock(const Unlock&) = delete;
  Unlock& operator=(const Unlock&) = delete;
  ~Unlock() { m_lock.release(); }

private:
  FileLock& m_lock;
};

Error busy() { return {Errc::busy, "another process holds the store", "try again in a moment"}; }

Secret open_slot(Database& database, const SlotPlace& place, const Location& location, std::vector<KeySlot>& slots) {
  const std::string path = escape(location.key.string(), 4096);
  const KeyFile key = [&] {
    try {
      return read_key_file(location.key);
    } catch (const Error& e) {
      if (e.code() != Errc::missing) {
        throw;
      }
      throw Error(Errc::locked, fmt::format("the key file {} is not there, and the store needs it", path),
                  "put back your copy of it, or set CAPLET_KEY_FILE to where it is");
    }
  }();
  slots = read_slots(database);
  const auto slot = std::find_if(slots.begin(), slots.end(), [&](const KeySlot& each) { return each.id == key.slot; });
  if (slot == slots.end()) {
    throw Error(Errc::locked, fmt::format("the key file {} belongs to another store", path),
                "set CAPLET_KEY_FILE to the key file of this store");
  }
  return unwrap_store_key(place, *slot, key);
}

Record require(std::optional<Record> record) {
  if (!record) {
    throw Error(Errc::damaged, "one of the store's own records is gone", std::string(k_restore));
  }
  return *record;
}

} // namespace

/// Runs `work`, one SQLite statement and so a look at one moment, and authenticates the state if the file has changed
/// since the last time. It takes no lock of ours: SQLite's own keeps writers out. Only where that says that a writer is
/// at work does it wait for ours, in the kernel and with a deadline, and try again. Inside a change, neither is needed.
template <typename Work>
auto SealedStore::reading(const Work& work) {
  if (m_in_change) {
    return work();
  }
  const auto authenticated = [&] {
    auto answer = work();
    refresh_state();
    return answer;
  };
  try {
    return authenticated();
  } catch (const Error& e) {
    if (e.code() != Errc::busy) {
      throw;
    }
  }
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  const Database::Patience patience(m_database);
  return authenticated();
}

/// A transaction: our lock, a SQLite transaction, and the state as it will be.
class SealedStore::Change final : public Transaction {
public:
  /// `waits`: for other programs at the file, some seconds.
  Change(SealedStore& store, bool waits) : m_store(store) {
    if (waits) {
      m_patience.emplace(store.m_database);
    }
    m_store.m_database.exec("BEGIN IMMEDIATE");
    m_store.m_in_change = true;
    try {
      m_store.refresh_state();
    } catch (...) {
      end();
      throw;
    }
    m_state = m_store.m_state;
  }
  ~Change() override { end(); }

  std::optional<Token> token(std::string_view id) override { return m_store.token(id); }
  std::optional<Token> token_named(std::string_view account, std::string_view name) override {
    return m_store.token_named(account, name);
  }
  std::vector<Token> tokens_with_prefix(std::string_view prefix, std::size_t limit) override {
    return m_store.tokens_with_prefix(prefix, limit);
  }
  void each_token(const std::function<bool(const Token&)>& visit) override { m_store.each_token(visit); }
  std::optional<Account> account(std::string_view id) override { return m_store.account(id); }

  void insert(const Token& token) override {
    if (m_store.token(token.id) || (!token.revoked_at && m_store.token_named(token.account, token.name))) {
      throw Error(Errc::exists, "a token of this id or name exists already", "choose another name");
    }
    FieldWriter content;
    encode(content, token);
    m_store.m_records->insert(m_state, RecordKind::token, token.id, name_of(token), content.view());
  }

  void update(const Token& token) override {
    FieldWriter content;
    encode(content, token);
    m_store.m_records->update(m_state, RecordKind::token, token.id, name_of(token), content.view());
  }

  void append(const Event& event) override {
    append_event(m_store.m_database, m_store.m_keys, m_store.m_place, m_state, event);
  }

  void commit() override {
    m_state.commit += 1;
    update_state_row(m_store.m_database, seal_state(m_store.m_keys, m_store.m_place, m_state));
    m_store.m_database.exec("COMMIT");
    m_committed = true;
    end();
  }

private:
  /// The names of tombstones are free.
  std::optional<NameIndex> name_of(const Token& token) const {
    return token.revoked_at ? std::nullopt : std::optional(m_store.name_index(token.account, token.name));
  }

  void end() noexcept {
    if (!m_store.m_in_change) {
      return;
    }
    if (!m_committed) {
      try {
        m_store.m_database.exec("ROLLBACK");
      } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): SQLite has rolled back by itself
      }
    }
    m_store.m_in_change = false;
    m_store.m_lock.release();
  }

  SealedStore& m_store;
  std::optional<Database::Patience> m_patience;
  State m_state;
  bool m_committed = false;
};

SealedStore::SealedStore(Database database, FileLock lock, const Location& location, Opening opening)
    : m_lock(std::move(lock)), m_database(std::move(database)) {
  m_place = read_place(m_database);
  std::vector<KeySlot> slots;
  {
    const Secret store_key = open_slot(m_database, m_place, location, slots);
    m_keys = StoreKeys(store_key.view());
  }
  m_read_state.emplace(m_database, "SELECT state FROM store");
  m_records.emplace(m_database, m_keys, m_place);
  refresh_state();
  if (digest_of(m_keys, slots) != m_state.slots) {
    throw Error(Errc::damaged, "the key slots of the store were tampered with", std::string(k_restore));
  }
  if (opening == Opening::strict && m_state.records <= k_small_store && !m_records->matches(m_state)) {
    throw Error(Errc::damaged, "records of the store were deleted, added or put back to an older version",
                "see what is wrong: caplet store check; then restore the store from a backup");
  }
  FieldReader settings(require(m_records->find(k_settings_id, RecordKind::settings)).content);
  m_info.prefix = settings.text(1);
  m_info.account = settings.text(2);
  settings.done();
  FieldReader keyring(require(m_records->find(k_keyring_id, RecordKind::keyring)).content);
  m_token_key = Secret(keyring.value(1));
  keyring.done();
  if (m_token_key.size() != k_key_size) {
    throw_malformed_record();
  }
  m_records->forget();
  m_database.exec("COMMIT");
  m_database.lose_patience();
  m_lock.release();
}

SealedStore::~SealedStore() = default;

void SealedStore::refresh_state() {
  const std::uint32_t version = m_database.data_version();
  if (m_state_version == version) {
    return;
  }
  const ScopedReset reset(*m_read_state);
  if (!m_read_state->step()) {
    throw Error(Errc::damaged, "the state of the store is gone", std::string(k_restore));
  }
  const State state = unseal_state(m_keys, m_place, m_read_state->blob(0));
  if (state.commit < m_state.commit) {
    throw Error(Errc::damaged, "the store was put back to an older state while it was open", std::string(k_restore));
  }
  m_state = state;
  m_state_version = m_database.data_version();
}

NameIndex SealedStore::name_index(std::string_view account, std::string_view name) const {
  Parts parts;
  parts.text("caplet/name/v1").number(static_cast<std::uint64_t>(RecordKind::token)).text(account).text(name_key(name));
  NameIndex index{};
  crypto_generichash(index.data(), index.size(), parts.view().data(), parts.view().size(), m_keys.index().data(),
                     m_keys.index().size());
  return index;
}

std::optional<Token> SealedStore::token(std::string_view id) {
  return reading([&] {
    const auto record = m_records->find(id, RecordKind::token);
    return record ? std::optional(decode_token(record->id, record->content)) : std::nullopt;
  });
}

std::optional<Token> SealedStore::token_named(std::string_view account, std::string_view name) {
  return reading([&] {
    const NameIndex index = name_index(account, name);
    const auto record = m_records->find_named(index, RecordKind::token);
    if (!record) {
      return std::optional<Token>();
    }
    Token token = decode_token(record->id, record->content);
    if (token.revoked_at || name_index(token.account, token.name) != index) {
      throw Error(Errc::damaged, "the name index of the store was tampered with", std::string(k_restore));
    }
    return std::optional(std::move(token));
  });
}

std::vector<Token> SealedStore::tokens_with_prefix(std::string_view prefix, std::size_t limit) {
  return reading([&] {
    std::vector<Token> tokens;
    m_records->each_with_prefix(prefix, RecordKind::token, limit, [&](const Record& record) {
      tokens.push_back(decode_token(record.id, record.content));
    });
    return tokens;
  });
}

void SealedStore::each_token(const std::function<bool(const Token&)>& visit) {
  // In batches, with the lock given back between them: a list that somebody pages through must not keep writers out.
  struct Batch {
    std::vector<Token> tokens;
    std::int64_t last = 0;
    std::size_t rows = 0;
  };
  Batch batch;
  do {
    // Whatever `reading` has to do again begins with nothing: what it gives back is all that counts.
    batch = reading([&, after = batch.last] {
      Batch next{{}, after, 0};
      next.rows = m_records->each_after(next.last, RecordKind::token, k_batch, [&](const Record& record) {
        next.tokens.push_back(decode_token(record.id, record.content));
      });
      return next;
    });
    for (const Token& token : batch.tokens) {
      if (!visit(token)) {
        return;
      }
    }
  } while (batch.rows == k_batch);
}

std::optional<Account> SealedStore::account(std::string_view id) {
  return reading([&] {
    const auto record = m_records->find(id, RecordKind::account);
    return record ? std::optional(decode_account(record->id, record->content)) : std::nullopt;
  });
}

void SealedStore::each_event(std::uint64_t after, const std::function<bool(const Event&)>& visit) {
  std::vector<Event> batch;
  do {
    batch = reading([&] { return read_events(m_database, m_keys, m_place, after, k_batch); });
    for (const Event& event : batch) {
      after = event.seq;
      if (!visit(event)) {
        return;
      }
    }
  } while (batch.size() == k_batch);
}

CheckReport SealedStore::check() {
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  const Database::Patience patience(m_database);
  refresh_state();
  CheckReport report;
  m_records->check(m_state, report, [](const Record& record) {
    if (record.kind == RecordKind::token) {
      decode_token(record.id, record.content);
    } else if (record.kind == RecordKind::account) {
      decode_account(record.id, record.content);
    }
  });
  m_records->forget();
  check_events(m_database, m_keys, m_place, m_state, report);
  Database::Query integrity(m_database, "PRAGMA integrity_check");
  while (integrity.step()) {
    if (integrity.text(0) != "ok") {
      report.problems.push_back({"file", escape(integrity.text(0))});
    }
  }
  Database::Query pages(m_database, "PRAGMA page_count");
  report.pages = pages.step() ? static_cast<std::uint64_t>(pages.number(0)) : 0;
  return report;
}

Digest SealedStore::token_digest(std::string_view token) const {
  constexpr std::string_view k_label = "caplet/token/v1";
  return keyed_hash(m_token_key.view(), as_bytes(k_label), as_bytes(token));
}

std::unique_ptr<Transaction> SealedStore::begin() {
  auto change = begin(k_lock_deadline);
  if (!change) {
    throw busy();
  }
  return change;
}

std::unique_ptr<Transaction> SealedStore::try_begin() {
  if (m_database.is_read_only()) {
    return nullptr;
  }
  try {
    return begin(std::chrono::milliseconds::zero());
  } catch (const Error& e) {
    if (e.code() == Errc::busy) {
      return nullptr;
    }
    throw;
  }
}

std::unique_ptr<Transaction> SealedStore::begin(std::chrono::milliseconds deadline) {
  if (!m_lock.acquire(FileLock::Mode::exclusive, deadline)) {
    return nullptr;
  }
  try {
    return std::make_unique<Change>(*this, deadline > std::chrono::milliseconds::zero());
  } catch (...) {
    m_lock.release();
    throw;
  }
}

} // namespace caplet
