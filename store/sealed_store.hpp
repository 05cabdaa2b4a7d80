#pragma once

#include "store/anchor.hpp"
#include "store/file_lock.hpp"
#include "store/known_tokens.hpp"
#include "store/local_store.hpp"
#include "store/open_store.hpp"
#include "store/record_codec.hpp"
#include "store/record_table.hpp"
#include "store/vault.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace caplet {

/// The Store port over one encrypted SQLite file. FORMAT.md describes the file; open_store.hpp makes and opens it.
///
/// Opening authenticates the key slots, the state and the store's own records, all records but the bodies of functions
/// while they are few (k_small_store), and that the audit log goes through the anchor. Each read authenticates the
/// record it reads and the state it reads it in. What a single read cannot see, a record put back to an older version
/// in a large store, the tally shows when all are read. Threads: one at a time.
class SealedStore final : public LocalStore {
public:
  /// So many records are compared with the tally each time a store is opened: a fraction of a millisecond.
  static constexpr std::uint64_t k_small_store = 256;
  static constexpr auto k_lock_deadline = std::chrono::seconds(10);

  /// How long a store that is opened so waits for others.
  static constexpr std::chrono::milliseconds patience(Opening opening) noexcept {
    return opening == Opening::at_once ? std::chrono::milliseconds::zero() : k_lock_deadline;
  }

  /// REQUIRES: `lock` is held and the vault's database in a transaction; the constructor ends both. Throws
  /// Error{damaged, unavailable}.
  SealedStore(Vault vault, FileLock lock, Location location, Opening opening);
  ~SealedStore() override;

  std::optional<Token> token(std::string_view id) override;
  std::optional<Token> token_named(std::string_view account, std::string_view name) override;
  std::vector<Token> tokens_with_prefix(std::string_view prefix, std::size_t limit) override;
  void each_token(const std::function<bool(const Token&)>& visit) override;
  std::optional<Account> account(std::string_view id) override;
  Denials denials() override;
  Policy policy() override;
  std::optional<SigningKey> signing_key(std::string_view kid) override;
  std::vector<SigningKey> signing_keys() override;
  std::optional<Function> function(std::string_view id) override;
  std::optional<Function> function_named(std::string_view account, std::string_view name) override;
  void each_function(const std::function<bool(const Function&)>& visit) override;
  Bytes function_body(std::string_view id) override;
  std::optional<Credential> credential(std::string_view profile) override;
  std::vector<std::string> profiles() override;

  const StoreInfo& info() const override { return m_info; }
  Instant latest() override { return m_vault.state.latest; }
  Digest token_digest(std::string_view token) const override;
  std::optional<Token> token_shown(std::string_view id, const Digest& digest) override;
  std::unique_ptr<Transaction> begin() override;
  std::unique_ptr<Transaction> begin_recurring() override;
  std::unique_ptr<Transaction> try_begin() override;
  bool release_reserve() noexcept override;
  void each_event(std::uint64_t after, const std::function<bool(const Event&)>& visit) override;
  std::optional<Digest> audit_link(std::uint64_t seq) override;
  SignedCheckpoint signed_checkpoint() override;
  AuditKey audit_key() const override;
  CheckReport check_audit(const Progress& progress) override;
  CheckReport check(const Progress& progress) override;

  StoreFacts facts() const override;
  std::vector<SlotInfo> slots() const override;
  SlotInfo add_slot(const KeyFile& key, const Event& event) override;
  SlotInfo add_slot(ByteView passphrase, const PassphraseCost& cost, const Event& event) override;
  void remove_slot(std::string_view id, const Unlocking& unlocking, const Event& event) override;
  void rekey(const Unlocking& unlocking, const Event& event, const Progress& progress) override;
  CheckReport backup(const std::filesystem::path& file, const Progress& progress) override;
  void accept_rollback(const Event& event) override;
  void accept_clock(const Event& event) override;
  std::unique_ptr<LocalStore> reopen() const override;
  void cache_key(std::chrono::seconds time) override;

  /// Writes an event into a transaction whose number is above `commit`.
  void continue_after(std::uint64_t commit, const Event& event);
  /// Writes the anchor and the reserve of the store as it is. What a change does at its end.
  void note_anchor() const noexcept;
  Anchor anchor() const { return anchor_of(m_vault.place.store, m_vault.state); }
  const Digest& anchor_mac_key() const { return m_anchor_key; }

private:
  class Change;

  template <typename Work>
  auto reading(const Work& work);
  template <typename Thing, typename Decode>
  void each_record(RecordKind kind, std::size_t batch_size, const std::function<bool(const Thing&)>& visit,
                   const Decode& decode);
  std::unique_ptr<Change> change(std::chrono::milliseconds deadline, Database::Journal journal);
  std::unique_ptr<Change> change(Database::Journal journal = Database::Journal::goes);
  void refresh_state();
  std::uint32_t version_now();
  void look_again();
  void read_own_records();
  /// Whether there is one. Throws Error{damaged} where the store does not go through it.
  bool check_anchor();
  void check_anchor(CheckReport& report);
  void require_same_epoch();
  CheckReport check_copy(const std::filesystem::path& copy) const;
  SlotInfo add_slot(KeySlot slot, ByteView root, Event event);
  SlotInfo info_of(const KeySlot& slot) const;

  FileLock m_lock;
  Location m_location;
  Opening m_opening;
  Vault m_vault;
  std::optional<Keyring> m_keyring;
  Digest m_anchor_key{};
  StoreInfo m_info;
  std::optional<RecordTable> m_records;
  KnownTokens m_known;
  std::optional<std::uint32_t> m_state_version; ///< Database::data_version() that the state was read at
  bool m_in_change = false;
};

} // namespace caplet
