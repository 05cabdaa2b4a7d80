#pragma once

#include "core/store.hpp"
#include "store/file_lock.hpp"
#include "store/location.hpp"
#include "store/open_store.hpp"
#include "store/record_table.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace caplet {

/// The Store port over one encrypted SQLite file. FORMAT.md describes the file; open_store.hpp makes and opens it.
///
/// Opening authenticates the key slots, the state and the store's own records, and all records while they are few
/// (k_small_store). Each read authenticates the record it reads and the state it reads it in. What a single read cannot
/// see, a record put back to an older version in a large store, the tally shows when all are read. Threads: one at a
/// time.
class SealedStore final : public Store {
public:
  /// So many records are compared with the tally each time a store is opened: a fraction of a millisecond.
  static constexpr std::uint64_t k_small_store = 256;
  static constexpr auto k_lock_deadline = std::chrono::seconds(10);

  /// REQUIRES: `lock` is held in shared mode and `database` in a transaction; the constructor ends both. Throws
  /// Error{locked, damaged, unavailable}.
  SealedStore(Database database, FileLock lock, const Location& location, Opening opening);
  ~SealedStore() override;

  std::optional<Token> token(std::string_view id) override;
  std::optional<Token> token_named(std::string_view account, std::string_view name) override;
  std::vector<Token> tokens_with_prefix(std::string_view prefix, std::size_t limit) override;
  void each_token(const std::function<bool(const Token&)>& visit) override;
  std::optional<Account> account(std::string_view id) override;

  const StoreInfo& info() const override { return m_info; }
  Digest token_digest(std::string_view token) const override;
  std::unique_ptr<Transaction> begin() override;
  std::unique_ptr<Transaction> try_begin() override;
  void each_event(std::uint64_t after, const std::function<bool(const Event&)>& visit) override;
  CheckReport check() override;

private:
  class Change;

  template <typename Work>
  auto reading(const Work& work);
  std::unique_ptr<Transaction> begin(std::chrono::milliseconds deadline);
  void refresh_state();
  NameIndex name_index(std::string_view account, std::string_view name) const;

  FileLock m_lock;
  Database m_database;
  SlotPlace m_place;
  StoreKeys m_keys;
  Secret m_token_key;
  StoreInfo m_info;
  std::optional<RecordTable> m_records;
  std::optional<Database::Query> m_read_state;
  State m_state;
  std::optional<std::uint32_t> m_state_version; ///< Database::data_version() that m_state was read at
  bool m_in_change = false;
};

} // namespace caplet
