#include "store/sealed_change.hpp"

#include "core/error.hpp"
#include "store/audit_chain.hpp"
#include "store/files.hpp"
#include "store/store_row.hpp"

#include <algorithm>

namespace caplet {

SealedStore::Change::Change(SealedStore& store, bool waits, Database::Journal journal) : m_store(store) {
  if (waits) {
    m_patience.emplace(store.m_vault.database);
  }
  m_store.m_vault.database.set_journal(journal);
  m_store.m_vault.database.exec("BEGIN IMMEDIATE");
  m_store.m_in_change = true;
  try {
    m_store.refresh_state();
  } catch (...) {
    end();
    throw;
  }
  m_state = m_store.m_vault.state;
}

void SealedStore::Change::insert(const Token& token) {
  FieldWriter content(FieldWriter::k_no_secret);
  encode(content, token);
  m_store.m_records->insert(m_state, RecordKind::token, token.id, name_index(m_store.m_vault.keys, token),
                            content.view());
}

void SealedStore::Change::update(const Token& token) {
  m_state.latest = std::max(m_state.latest, token.last_used_at.value_or(Instant::min()));
  FieldWriter content;
  encode(content, token);
  m_store.m_records->update(m_state, RecordKind::token, token.id, name_index(m_store.m_vault.keys, token),
                            content.view());
}

void SealedStore::Change::remove(std::string_view token_id) {
  m_store.m_records->remove(m_state, RecordKind::token, token_id);
}

void SealedStore::Change::remember(const Denials& denials) {
  FieldWriter content;
  encode(content, denials);
  put(RecordKind::denials, k_denials_id, content.view());
}

void SealedStore::Change::set_policy(const Policy& policy) {
  FieldWriter content;
  encode(content, policy);
  put(RecordKind::policy, k_policy_id, content.view());
}

void SealedStore::Change::insert(const SigningKey& key, ByteView seed) {
  FieldWriter content;
  encode(content, key, seed);
  m_store.m_records->insert(m_state, RecordKind::signing_key, key.kid, std::nullopt, content.view());
  FieldWriter newest;
  newest.text(1, key.kid);
  put(RecordKind::signing, k_signing_id, newest.view());
}

void SealedStore::Change::retire(const SigningKey& key) {
  FieldWriter content;
  encode(content, key, {});
  m_store.m_records->update(m_state, RecordKind::signing_key, key.kid, std::nullopt, content.view());
}

Secret SealedStore::Change::signing_seed(std::string_view kid) {
  RecordTable& records = *m_store.m_records;
  const auto record = records.find(kid, RecordKind::signing_key);
  Secret seed = record ? decode_signing_seed(record->content) : Secret();
  records.forget();
  if (seed.empty()) {
    throw Error(Errc::not_found, "there is no such key, or it was retired", "make another: caplet jwks rotate");
  }
  return seed;
}

void SealedStore::Change::put(RecordKind kind, std::string_view id, ByteView content) {
  RecordTable& records = *m_store.m_records;
  if (records.find(id, kind)) {
    records.update(m_state, kind, id, std::nullopt, content);
  } else {
    records.insert(m_state, kind, id, std::nullopt, content);
  }
}

void SealedStore::Change::append(const Event& event) {
  m_state.latest = std::max(m_state.latest, event.time);
  append_event(m_store.m_vault.database, m_store.m_vault.keys, m_store.m_vault.place, m_state, event);
}

void SealedStore::Change::commit(const CommitHooks& hooks) {
  Vault& vault = m_store.m_vault;
  m_state.commit += 1;
  update_state_row(vault.database, seal_state(vault.keys, vault.place, m_state));
  if (hooks.written) {
    hooks.written();
  }
  vault.database.commit();
  m_committed = true;
  m_store.m_vault.state = m_state;
  m_store.m_state_version = vault.database.data_version(); // what this transaction has made of it
  if (hooks.durable) {
    hooks.durable();
  }
  m_store.note_anchor();
  end();
}

void SealedStore::Change::end() noexcept {
  if (!m_store.m_in_change) {
    return;
  }
  if (!m_committed) {
    try {
      m_store.m_vault.database.exec("ROLLBACK");
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): SQLite has rolled back by itself
    }
  }
  m_store.m_in_change = false;
  m_store.m_lock.release();
}

} // namespace caplet
