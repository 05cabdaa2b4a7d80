#pragma once

#include "core/checkpoint.hpp"
#include "core/credential.hpp"
#include "core/denial.hpp"
#include "core/event.hpp"
#include "core/function.hpp"
#include "core/jwk.hpp"
#include "core/policy.hpp"
#include "core/progress.hpp"
#include "core/token.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Reading, the same from a store and from inside a transaction. Every call sees one consistent state, but for the
/// lists: they read in batches, and others may write between two of them. What is read has been authenticated; a record
/// that fails is Error{damaged}, never skipped.
class Records {
public:
  virtual ~Records() = default;
  Records() = default;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  /// The token with exactly this id, in any state.
  virtual std::optional<Token> token(std::string_view id) = 0;
  /// The token of this name that is not revoked. Spellings that are one in Unicode NFC are one name.
  virtual std::optional<Token> token_named(std::string_view account, std::string_view name) = 0;
  /// Tokens whose id starts with `prefix`, at most `limit`, in order of id.
  virtual std::vector<Token> tokens_with_prefix(std::string_view prefix, std::size_t limit) = 0;
  /// All tokens in the order they were made, one in memory at a time, until `visit` answers false.
  virtual void each_token(const std::function<bool(const Token&)>& visit) = 0;
  virtual std::optional<Account> account(std::string_view id) = 0;
  /// Refused attempts of the last minutes.
  virtual Denials denials() = 0;
  /// The owner's rules; the defaults where none were set.
  virtual Policy policy() = 0;
  /// The key of this id that signs, or has signed, JWTs.
  virtual std::optional<SigningKey> signing_key(std::string_view kid) = 0;
  /// All of them, the newest first: that one signs, if it was not retired.
  virtual std::vector<SigningKey> signing_keys() = 0;

  virtual std::optional<Function> function(std::string_view id) = 0;
  virtual std::optional<Function> function_named(std::string_view account, std::string_view name) = 0;
  /// All functions in the order they were made, until `visit` answers false.
  virtual void each_function(const std::function<bool(const Function&)>& visit) = 0;
  /// The bytes of a function. Throws Error{damaged} where they are not there.
  virtual Bytes function_body(std::string_view id) = 0;

  virtual std::optional<Credential> credential(std::string_view profile) = 0;
  /// The profiles that have one, in the order they were kept.
  virtual std::vector<std::string> profiles() = 0;
};

/// What is done while a change is committed.
struct CommitHooks {
  std::function<void()> written; ///< when only the disk has to be waited for; what it throws undoes the change
  /// As soon as it is durable: what this starts need not wait for what is left to be done (the anchor). Does not throw.
  std::function<void()> durable;
};

/// One change: all of it or nothing, durable when commit() returns. Destroyed without a commit, it never happened.
/// It holds the store's write lock, so keep it short.
class Transaction : public Records {
public:
  /// Throws Error{exists} if the id, or the name of a token that is not revoked, is taken.
  virtual void insert(const Token& token) = 0;
  /// Replaces the record with this id. Throws Error{not_found}.
  virtual void update(const Token& token) = 0;
  /// Drops the record with this id for good. Throws Error{not_found}.
  virtual void remove(std::string_view token_id) = 0;
  /// Throws Error{exists} if the id or the name is taken.
  virtual void insert(const Function& function, ByteView body) = 0;
  /// Replaces the function with this id, and its body. Throws Error{not_found}.
  virtual void update(const Function& function, ByteView body) = 0;
  virtual void remove_function(std::string_view id) = 0;
  /// In place of what the profile had.
  virtual void keep(const Credential& credential) = 0;
  /// Throws Error{not_found}.
  virtual void forget_credential(std::string_view profile) = 0;
  virtual void remember(const Denials& denials) = 0;
  virtual void set_policy(const Policy& policy) = 0;
  /// Adds a key, the newest from now on. REQUIRES: key.replaced is the kid of the newest until now, if there is one.
  virtual void insert(const SigningKey& key, ByteView seed) = 0;
  /// Replaces the record of a key and drops its seed for good: it signs no more. Throws Error{not_found}.
  virtual void retire(const SigningKey& key) = 0;
  /// Of a key that was not retired. Throws Error{not_found}.
  virtual Secret signing_seed(std::string_view kid) = 0;
  /// Adds to the audit log.
  virtual void append(const Event& event) = 0;
  /// Throws Error{full, unavailable}; then the change did not happen, or (I/O error at the very end) cannot be known,
  /// and is never tried again by itself.
  virtual void commit() = 0;
  virtual void commit(const CommitHooks& hooks) = 0;
};

/// What a full check of a store looked at and what it found.
struct CheckReport {
  /// One thing that is not as it should be, and where: "record 7", "event 12", "slots", "file".
  struct Problem {
    std::string place;
    std::string what;
  };
  std::uint64_t records = 0; ///< authenticated, opened and read
  std::uint64_t events = 0;  ///< authenticated, read, and linked to the one before
  bool anchored = false;     ///< compared with what this machine has seen of the store
  std::uint64_t pages = 0;   ///< of the file, looked at by the engine's own check
  std::vector<Problem> problems;

  /// The place of a problem that accept_rollback can settle.
  static constexpr std::string_view k_anchor = "anchor";
};

/// The head of an audit log, signed by the store: of one moment.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note; ///< to keep, and to show to others
};

/// What a store says of itself.
struct StoreInfo {
  std::string prefix;  ///< of its token strings
  std::string account; ///< id of the first account
  std::string issuer;  ///< `caplet:` and its id as 32 hexadecimal digits: who makes its tokens, and their audience
};

/// Where records and events live: the port that core asks for and that the encrypted SQLite file implements.
/// Threads: one at a time. Processes: any number.
class Store : public Records {
public:
  virtual const StoreInfo& info() const = 0;
  /// The latest moment that a change of the store has named. A clock that stands before it was set back.
  virtual Instant latest() = 0;
  /// BLAKE2b-256 (RFC 7693) of "caplet/token/v1" and the full token string, keyed by the store's token key: what a
  /// record keeps instead of the token.
  virtual Digest token_digest(std::string_view token) const = 0;
  /// The token with this id, for one who shows a secret of this digest. It may be known from before, where that is the
  /// token's secret and the store is still what it was; for another secret and another id it is read, so that the time
  /// which that takes tells nobody whether there is such a token.
  virtual std::optional<Token> token_shown(std::string_view id, const Digest& digest) = 0;
  /// Waits for other writers, up to a deadline. Throws Error{busy, unavailable, damaged}.
  virtual std::unique_ptr<Transaction> begin() = 0;
  /// The same for a change of a kind that is made again and again: the disk does not give up what it has got ready for
  /// it before somebody makes one of another kind.
  virtual std::unique_ptr<Transaction> begin_recurring() = 0;
  /// The same without waiting: nothing where another process holds the store or where it cannot be written.
  virtual std::unique_ptr<Transaction> try_begin() = 0;

  /// Gives up the space that is kept for revoking tokens on a full disk. Whether there was any.
  virtual bool release_reserve() noexcept = 0;

  /// The audit log in order, from the event behind number `after` on, a few in memory at a time, until `visit` answers
  /// false. Each is authenticated and linked to the one before; one that is missing is Error{damaged}.
  virtual void each_event(std::uint64_t after, const std::function<bool(const Event&)>& visit) = 0;
  /// The link of event `seq` as it stands there; zero for 0; nothing where the log ends before it.
  virtual std::optional<Digest> audit_link(std::uint64_t seq) = 0;
  virtual SignedCheckpoint signed_checkpoint() = 0;
  /// What checks the signatures of this store, all its life.
  virtual AuditKey audit_key() const = 0;
  /// The part of check() that is about the audit log: every event, the head, the anchor. Throws the same.
  virtual CheckReport check_audit(const Progress& progress) = 0;
  /// Looks at everything there is, and goes on past what is wrong. Throws Error{busy, unavailable} alone.
  virtual CheckReport check(const Progress& progress) = 0;
};

} // namespace caplet
