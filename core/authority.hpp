#pragma once

#include "core/clock.hpp"
#include "core/event.hpp"
#include "core/secret.hpp"
#include "core/store.hpp"
#include "core/verdict.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// What a new token is to be.
struct TokenRequest {
  std::string name;                  ///< check_name()
  std::string description;           ///< check_description()
  std::optional<Instant> expires_at; ///< nothing: never
};

/// A token that was just minted. The secret exists here and nowhere else.
struct Issued {
  Token token;
  Secret secret;
};

/// The use cases: everything that caplet does with tokens, for a person and for a server alike. Each takes the actor
/// who asks, checks what that actor may do, and writes its audit event in the transaction of the change: no audit, no
/// action. REQUIRES: store and clock outlive it. Threads: one at a time, as for Store.
class Authority {
public:
  Authority(Store& store, const Clock& clock) noexcept : m_store(store), m_clock(clock) {}

  /// What tokens are judged by: the clock, or the latest moment that a change of the store has named where the clock
  /// stands before that. A clock that is set back brings no token back to life.
  Instant now();

  /// The person at the store's key, in the first account.
  Actor owner(std::uint32_t os_uid);

  /// Who a token stands for. Throws Error{rejected} with the verdict's reason.
  Actor authenticate(std::string_view token, std::uint32_t os_uid);

  /// Mints a `pat`. Durable when it returns. Throws Error{usage, exists, denied, busy, full, unavailable}.
  Issued issue(const Actor& actor, const TokenRequest& request);

  /// Finds a token of the actor's account by exact id, exact name, the first characters of its id (at least four), or
  /// the name of one that was revoked (the newest), in this order. A name before a prefix, so that no token is hit by
  /// chance. Throws Error{usage, not_found, ambiguous, denied}; an ambiguous prefix lists the candidates.
  Token find(const Actor& actor, std::string_view selector);

  /// All tokens of the actor's account in the order they were made, until `visit` answers false. Throws Error{denied}.
  void each(const Actor& actor, const std::function<bool(const Token&)>& visit);

  /// Revokes by exact id or name; a prefix is refused, for it may hit another token tomorrow. The record stays, for the
  /// audit. Returns the token as it is now; one that was revoked before is returned unchanged. On a full disk, space
  /// that is kept for this is used.
  /// Throws Error{usage, not_found, ambiguous, denied, busy, full, unavailable}.
  Token revoke(const Actor& actor, std::string_view selector, std::string_view reason = {});

  /// Takes back what issue() made, for when its secret could not be handed over.
  void withdraw(const Actor& actor, const Token& token);

  /// Whether a token string is valid now. Reads, never writes, and does the same work for an unknown id as for a wrong
  /// secret. Throws Error{damaged, unavailable} when it cannot be decided.
  Verdict verify(std::string_view token);

  /// Refuses what no token may do, and records that this one tried. Throws Error{denied}.
  [[noreturn]] void refuse_owners_work(std::string_view token, std::uint32_t os_uid);

  /// Writes a refused verdict to the audit log, once a minute for each kind (core/denial.hpp). What is malformed asks
  /// for nothing that the store has, and is left out. Best effort, like note_use().
  void note_refusal(const Verdict& verdict, std::uint32_t os_uid) noexcept;

  /// Stamps the last use of a token that was found valid, once a minute at most. Best effort: where the store is busy
  /// or read-only, the stamp is left out and nothing is thrown.
  void note_use(const Verdict& verdict) noexcept;

  std::string account_name(std::string_view id);

  /// The audit log in order, from the event behind number `after` on, until `visit` answers false. Throws
  /// Error{denied}.
  void each_event(const Actor& actor, std::uint64_t after, const std::function<bool(const Event&)>& visit);

  /// The link of event `seq`; zero for 0; nothing where the log ends before it. Throws Error{denied}.
  std::optional<Digest> audit_link(const Actor& actor, std::uint64_t seq);

  /// The head of the audit log as it is now, signed. Throws Error{denied}.
  SignedCheckpoint checkpoint(const Actor& actor);

  /// What checks its signature. Throws Error{denied}.
  AuditKey audit_key(const Actor& actor);

  /// Follows the whole audit log and says what is wrong with it. Throws Error{denied, busy, unavailable}.
  CheckReport check_audit(const Actor& actor, const Progress& progress);

private:
  void require_management(const Actor& actor, std::string_view what);
  void note_may_not(const Actor& actor, std::string_view what) noexcept;
  void note_denied(const Event& event) noexcept;
  Token revoke_once(const Actor& actor, std::string_view selector, std::string_view reason);
  Token find_in(Records& records, const Actor& actor, std::string_view selector, bool accept_prefix);
  Event event(const Actor& actor, std::string action, const Token& target) const;

  Store& m_store;
  const Clock& m_clock;
};

} // namespace caplet
