#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/held_notes.hpp"
#include "core/policy.hpp"
#include "core/secret.hpp"
#include "core/store.hpp"
#include "core/token_request.hpp"
#include "core/verdict.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace caplet {

/// A token that was just minted, or got a new secret. The secret exists here and nowhere else.
struct Issued {
  Token token;
  Secret secret;
};

/// How a secret is replaced.
struct Rotation {
  std::chrono::seconds grace{0}; ///< for so long the old secret stays good; 0: it dies now
  PreviousSecret::Ends ends = PreviousSecret::Ends::in_time;
  std::optional<Ending> ending = {}; ///< a new expiry; nothing: it stays
  /// The profile by whose login the actor acts. Where that token is the one that gets a new secret, the login gets it,
  /// too, in the same transaction: else nobody could act by it any more.
  std::optional<std::string> login = {};
};

/// How a token is revoked.
struct Revocation {
  enum class Children : std::uint8_t { revoked, kept };

  std::string reason = {};               ///< for the audit log
  Children children = Children::revoked; ///< what it has minted, and what that has
};

struct Revoked {
  Token token;
  std::vector<Token> children; ///< that went with it
  std::vector<Token> rotated;  ///< live ones whose secret these have given them: whoever had these may have that
};

/// The use cases: everything that caplet does with tokens, for a person and for a server alike. Each takes the actor
/// who asks, checks what that actor may do, and writes its audit event in the transaction of the change: no audit, no
/// action. A scoped token reads what its scopes name, never mints, and may rotate and revoke itself alone.
/// REQUIRES: store and clock outlive it. Threads: one at a time, as for Store.
class Authority {
public:
  Authority(Store& store, const Clock& clock) noexcept : m_store(store), m_clock(clock) {}

  /// What tokens are judged by: the clock, or the latest moment that a change of the store has named where the clock
  /// stands before that. A clock that is set back brings no token back to life.
  Instant now();

  // Who acts.

  /// The person at the store's key, in the first account.
  Actor owner(std::uint32_t os_uid);
  /// Who a token stands for; it counts as a use. Throws Error{rejected} with the verdict's reason.
  Actor authenticate(std::string_view token, std::uint32_t os_uid);
  /// The same for a token that would revoke what these selectors name: where that is itself alone, it may wherever it
  /// is shown, to whom and how early, for this only narrows. Such an actor reaches itself, and does nothing else.
  Actor authenticate_to_revoke(std::string_view token, std::uint32_t os_uid, const std::vector<std::string>& selectors);
  /// Whether the actor may do what needs this scope; that a token has used the scope is noted, best effort.
  bool may(const Actor& actor, std::string_view scope);
  /// Refuses what needs a scope that the actor lacks, and records that it tried; else as may(). `what`: "list tokens".
  /// Throws Error{denied}.
  void require(const Actor& actor, std::string_view scope, std::string_view what);
  /// Records that a token was there for what no token may do: whoever calls it refuses that. Best effort.
  void note_owners_work(std::string_view token, std::uint32_t os_uid) noexcept;
  std::string account_name(std::string_view id);

  // A token's life.

  /// Mints a `sat` where scopes are asked for, else a `pat`. Durable when it returns. What a token mints is no wider
  /// than itself (narrow()), and what the store's policy refuses is refused.
  /// Throws Error{usage, exists, denied, busy, full, unavailable}.
  Issued issue(const Actor& actor, const TokenRequest& request);
  /// What issue() would make, and whether it would; makes nothing. Throws the same.
  Token preview(const Actor& actor, const TokenRequest& request);
  /// Mints what `next` gives until it gives nothing, in one transaction: all of them or none. `made` is told each
  /// before that is durable, and so may still stop it all by throwing; its secret is gone when it returns. Others wait
  /// for the store from the first request to the last. A trial does the same work, and makes nothing. Throws like
  /// issue(), and what the two throw.
  using NextRequest = std::function<std::optional<TokenRequest>()>;
  using ToldOfToken = std::function<void(const Token& token, std::string_view secret)>;
  enum class Trial : std::uint8_t { no, yes };
  void issue_all(const Actor& actor, const NextRequest& next, const ToldOfToken& made, Trial trial = Trial::no);
  /// Takes back what issue() made, for when its secret could not be handed over.
  void withdraw(const Actor& actor, const Token& token);

  /// Gives a token a new secret; its id and name stay. The old secret dies at once, or when its grace is over. While a
  /// grace is open and the new secret was not used, another rotation replaces that one: what is in use never dies so.
  /// Throws Error{not_found, ambiguous, denied, failed, busy, full, unavailable}.
  Issued rotate(const Actor& actor, std::string_view selector, const Rotation& rotation);
  /// The same for a secret that may get lost on its way: where no grace is asked for, the old one dies when `hand_over`
  /// has returned, and the token that it is given looks like that. Where that throws, the rotation is undone, and the
  /// error says what counts now; where the process dies in it, both are good until the new one is first used. So there
  /// is never none. Who else rotates, aborts or revokes meanwhile is right: nothing of theirs is undone, and where the
  /// secret that was handed over is dead by then, this is Error{failed}.
  Token rotate(const Actor& actor, std::string_view selector, const Rotation& rotation,
               const std::function<void(const Issued&)>& hand_over);
  /// Goes back to the secret before, while its grace is open and the new one was not used. Throws like rotate().
  Token abort_rotation(const Actor& actor, std::string_view selector);

  /// Revokes by exact id or name; a prefix is refused, for it may hit another token tomorrow. What it has minted goes
  /// with it. The records stay, for the audit. One that was revoked before stays as it is, and what it has minted and
  /// was spared then goes now. On a full disk, space that is kept for this is used. Throws Error{usage, not_found,
  /// ambiguous, denied, busy, full, unavailable}.
  Revoked revoke(const Actor& actor, std::string_view selector, const Revocation& revocation = {});
  /// What revoke() would revoke; changes nothing. Throws the same, and records what is denied.
  Revoked would_revoke(const Actor& actor, std::string_view selector, Revocation::Children children);
  /// The live tokens that this one has minted, and what those have.
  std::vector<Token> descendants(const Actor& actor, const Token& token);
  /// The live tokens that would stay, and whose secret this one, or one of those, has given them.
  std::vector<Token> rotated_by(const Actor& actor, const Token& token);
  /// Drops the records of tokens that were revoked before a moment. What they have minted, and is still there, counts
  /// as minted by whoever minted them. How many. Throws Error{denied}.
  std::uint64_t prune(const Actor& actor, Instant before);

  // Looking.

  /// Finds a token of the actor's account by exact id, exact name, the first characters of its id (at least four), or
  /// the name of one that was revoked (the newest), in this order. A name before a prefix, so that no token is hit by
  /// chance. Throws Error{usage, not_found, ambiguous, denied}; an ambiguous prefix lists the candidates.
  Token find(const Actor& actor, std::string_view selector);
  /// All tokens of the actor's account in the order they were made, until `visit` answers false. Throws Error{denied}.
  void each(const Actor& actor, const std::function<bool(const Token&)>& visit);

  // Whether a token is valid.

  /// Whether a token string is valid for what it is presented for. Reads, never writes, and does the same work for an
  /// unknown id as for a wrong secret. Throws Error{damaged, unavailable} when it cannot be decided.
  Verdict verify(std::string_view token, const Presented& presented = {});
  /// The same, and it counts as a use where it is valid: exactly where uses are limited (then it throws Error{busy,
  /// full, unavailable} where the count cannot be kept), best effort for the time of the last use.
  Verdict admit(std::string_view token, const Presented& presented = {});
  /// Every check in its order, with what it found and what would make it pass. Touches nothing.
  std::vector<Check> explain(const Verdict& verdict, const Presented& presented);
  /// Stamps the last use of a token that was found valid, once a minute at most, and settles a rotation by it. Best
  /// effort: where the store is busy or read-only, the stamp is left out and nothing is thrown.
  void note_use(const Verdict& verdict) noexcept;
  /// Writes a refused verdict to the audit log, once a minute for each kind (core/denial.hpp). What is malformed asks
  /// for nothing that the store has, and is left out. Best effort, like note_use().
  void note_refusal(const Verdict& verdict, std::uint32_t os_uid) noexcept;

  // Keys of the JWT format.

  /// The public keys by which others verify JWTs: the one that signs, and those that were retired while a token that
  /// they signed has neither expired nor been revoked. Whoever asks may know them.
  std::vector<SigningKey> published_keys();
  /// Retires the key that signs and makes another. The owner alone: throws Error{denied}.
  SigningKey rotate_signing_key(const Actor& actor);

  /// admit() and note_refusal() for one of many: what they leave to be written is held in `notes`, all but what must
  /// not wait (a use that is counted, or that ends a rotation). Throws like admit().
  Verdict admit(std::string_view token, const Presented& presented, std::uint32_t os_uid, HeldNotes& notes);
  /// Writes what is held, in one transaction, and empties it. Best effort, like note_use() and note_refusal().
  void write(HeldNotes& notes) noexcept;

  // Functions: programs that the store keeps and runs.

  enum class OnTaken : std::uint8_t { refuse, replace };

  /// Keeps a function, or with OnTaken::replace its next revision. Throws Error{usage, exists, denied, busy, full}.
  Function create_function(const Actor& actor, const std::string& name, const FunctionSettings& settings, ByteView body,
                           OnTaken on_taken);
  /// By id, name or `account/name`. Throws Error{not_found, denied}; a token that may neither read functions nor run
  /// this one does not learn whether there is one.
  Function find_function(const Actor& actor, std::string_view selector);
  void each_function(const Actor& actor, const std::function<bool(const Function&)>& visit);
  /// Its bytes, for the owner alone. Throws Error{denied}, and Error{damaged} for bytes that are not its own.
  Bytes function_body(const Actor& actor, const Function& function);
  Function delete_function(const Actor& actor, std::string_view selector);

  /// What is to run: asks whether the actor may (`run:NAME`), and reads the function and its bytes. Writes nothing.
  /// `expected`: refuses other bytes (Error{refused}). Throws Error{not_found, denied}.
  FunctionRun prepare_run(const Actor& actor, std::string_view selector, const std::optional<Digest>& expected);
  /// Writes the start of a run to the audit log: nothing may be executed before that is durable. Answers false where
  /// the function is not what it was when the run was prepared: then nothing was written, and it must be prepared anew.
  /// Notes which scope of a token was asked for. Throws Error{busy, full}.
  bool begin_run(const Actor& actor, const FunctionRun& run, const CommitHooks& hooks = {});
  /// Writes its end: `how` in a clause, "exit status 0".
  void end_run(const Actor& actor, const FunctionRun& run, std::string_view how);
  /// The starts of runs that have no end: they are still going on, or were cut off. Throws Error{denied}.
  std::vector<Event> unfinished_runs(const Actor& actor);

  // Logins: tokens that the store keeps for the one who uses it.

  /// Keeps a token for a profile, in place of what it had. `id`: the token's, for the audit log.
  void keep_login(const Actor& actor, const std::string& profile, const Secret& token, std::string_view id);
  std::optional<Credential> login(std::string_view profile);
  std::vector<std::string> profiles() { return m_store.profiles(); }
  /// Throws Error{not_found}.
  void forget_login(const Actor& actor, const std::string& profile);

  // The owner's rules.

  Policy policy() { return m_store.policy(); }
  /// Sets rules, `key` to `value`, all or none. The owner alone: throws Error{denied, usage}.
  Policy set_policy(const Actor& actor, const std::vector<std::pair<std::string, std::string>>& rules);

  // The audit log.

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
  class Minting;
  /// What a rotation changes, as it was.
  struct BeforeRotation {
    Token token;
    std::optional<Credential> login; ///< where the rotation has replaced it
  };

  void require_management(const Actor& actor, std::string_view what);
  [[noreturn]] void refuse(const Actor& actor, std::string_view what, std::string why, const Token& target = {});
  Token aimed_at(const Actor& actor, std::string_view selector);
  Event refusal(const Verdict& verdict, std::uint32_t os_uid) const;
  void write(const HeldNotes& notes, Transaction& change);
  void note_scope(const Actor& actor, std::string_view scope) noexcept;
  void note_may_not(const Actor& actor, std::string_view what, const Token& target) noexcept;
  void note_denied(const Error& error, const Actor& actor, std::string_view what, const Token& target) noexcept;
  void note_denied(const Event& event) noexcept;
  void require_own(const Actor& actor, std::string_view selector, std::string_view what);
  Token find_own(Records& records, const Actor& actor, std::string_view selector, std::string_view verb);
  Issued rotate_until(const Actor& actor, std::string_view selector, const Rotation& rotation,
                      const std::optional<Instant>& grace_end, BeforeRotation& before);
  Issued rotate_once(const Actor& actor, std::string_view selector, const Rotation& rotation,
                     const std::optional<Instant>& grace_end, BeforeRotation& before);
  static void require_rotatable(Records& records, const Actor& actor, const Token& token);
  void abort_once(const Actor& actor, std::string_view selector, Token& token);
  static void require_allowed(Records& records, const Actor& actor, const Token& token, Token& renewed,
                              const std::optional<Ending>& ending, Instant now);
  Token renewed(Records& records, const Actor& actor, const Token& token, const Rotation& rotation, Instant now);
  std::string undo_rotation(const Actor& actor, const BeforeRotation& before, const Token& issued);
  std::optional<Credential> keep_in_login(Transaction& change, const Actor& actor, const Rotation& rotation,
                                          const Issued& issued);
  void keep(Transaction& change, const Actor& actor, const std::string& profile, const Secret& token,
            std::string_view id);
  std::optional<Token> end_old_secret(const Actor& actor, const Token& rotated);
  Signer signer(Transaction& change, const Actor& actor);
  SigningKey add_signing_key(Transaction& change, Signer& signer, std::string replaced);
  void await_next_second(const Token& token) const;
  Secret sign(Token& token, const Signer& signer);
  std::variant<std::string, Verdict> claimed_id(std::string_view text);
  Verdict judge(std::string_view id, std::string_view text, const Presented& presented);
  Token find_in(Records& records, const Actor& actor, std::string_view selector, std::string_view verb = {});
  Revoked revoke_once(const Actor& actor, std::string_view selector, const Revocation& revocation);
  bool fails(Reason reason, const Token& token, Generation generation, const Presented& presented, Instant now) const;
  Check described(Reason reason, const Verdict& verdict, const Presented& presented, Instant now) const;
  std::optional<Function> look_up_function(Records& records, const Actor& actor, std::string_view selector);
  Event event(const Actor& actor, std::string action, const Token& target) const;
  Event function_event(const Actor& actor, std::string action, const Function& target) const;

  Store& m_store;
  const Clock& m_clock;
  std::optional<SigningKey> m_known_key; ///< that signed the last JWT: what a kid names never changes
};

/// `account.pat.mint`: the name of what was done to a token in the audit log.
std::string action_of(TokenKind kind, std::string_view verb);

} // namespace caplet
