#pragma once

#include "store/sealed_store.hpp"

namespace caplet {

/// A transaction of SealedStore: our lock, a SQLite transaction, and the state as it will be.
class SealedStore::Change final : public Transaction {
public:
  /// REQUIRES: our lock is held exclusively; it is given back at the end. `waits`: for other programs at the file, some
  /// seconds.
  Change(SealedStore& store, bool waits, Database::Journal journal);
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
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
  Denials denials() override { return m_store.denials(); }
  Policy policy() override { return m_store.policy(); }
  std::optional<SigningKey> signing_key(std::string_view kid) override { return m_store.signing_key(kid); }
  std::vector<SigningKey> signing_keys() override { return m_store.signing_keys(); }

  std::optional<Function> function(std::string_view id) override { return m_store.function(id); }
  std::optional<Function> function_named(std::string_view account, std::string_view name) override {
    return m_store.function_named(account, name);
  }
  void each_function(const std::function<bool(const Function&)>& visit) override { m_store.each_function(visit); }
  Bytes function_body(std::string_view id) override { return m_store.function_body(id); }
  std::optional<Credential> credential(std::string_view profile) override { return m_store.credential(profile); }
  std::vector<std::string> profiles() override { return m_store.profiles(); }

  void insert(const Token& token) override;
  void update(const Token& token) override;
  void remove(std::string_view token_id) override;
  void insert(const Function& function, ByteView body) override;
  void update(const Function& function, ByteView body) override;
  void remove_function(std::string_view id) override;
  void keep(const Credential& credential) override;
  void forget_credential(std::string_view profile) override;
  void remember(const Denials& denials) override;
  void set_policy(const Policy& policy) override;
  void insert(const SigningKey& key, ByteView seed) override;
  void retire(const SigningKey& key) override;
  Secret signing_seed(std::string_view kid) override;
  void append(const Event& event) override;
  void commit() override { commit({}); }
  void commit(const CommitHooks& hooks) override;

  /// The state as it will be: maintenance brings it along.
  State& state() noexcept { return m_state; }

private:
  /// Writes a record of which there is one.
  void put(RecordKind kind, std::string_view id, ByteView content);
  void end() noexcept;

  SealedStore& m_store;
  std::optional<Database::Patience> m_patience;
  State m_state;
  bool m_committed = false;
};

} // namespace caplet
