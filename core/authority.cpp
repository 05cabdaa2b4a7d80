#include "core/authority.hpp"

#include "core/base62.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::size_t k_shortest_prefix = 4;
constexpr std::size_t k_most_candidates = 10;
constexpr auto k_use_grain = std::chrono::minutes(1);
constexpr std::string_view k_denied = "auth.denied";

Error no_such_token(std::string_view selector) {
  if (const auto parsed = parse_token(selector); const auto* parts = std::get_if<TokenParts>(&parsed)) {
    return {Errc::usage, "that is a token itself, not its id or name",
            fmt::format("a token's secret does not belong on a command line; its id is {}", parts->id)};
  }
  return {Errc::not_found, fmt::format("no token \"{}\"", escape(selector, 80)), "list them: caplet token list"};
}

/// The newest tombstone of this name. Tombstones are not in the name index, so this reads them all; it is the way to
/// "already revoked" and to looking at what is gone, when nothing else fits.
std::optional<Token> last_revoked(Records& records, const Actor& actor, std::string_view name) {
  std::optional<Token> last;
  records.each_token([&](const Token& token) {
    if (token.revoked_at && token.account == actor.account && name_key(token.name) == name_key(name)) {
      last = token;
    }
    return true;
  });
  return last;
}

std::string action_of(TokenKind kind, std::string_view verb) {
  return fmt::format("account.{}.{}", to_string(kind), verb);
}

} // namespace

Actor Authority::owner(std::uint32_t os_uid) {
  Actor actor;
  actor.account = m_store.info().account;
  actor.name = account_name(actor.account);
  actor.os_uid = os_uid;
  return actor;
}

Actor Authority::authenticate(std::string_view token, std::uint32_t os_uid) {
  const Verdict verdict = verify(token);
  if (!verdict.valid()) {
    note_refusal(verdict, os_uid);
    throw Error(Errc::rejected, fmt::format("the token was rejected: {}", to_string(verdict.reason)),
                "give a valid one with --token, or none to act as the owner");
  }
  note_use(verdict);
  const Token& self = *verdict.token;
  return {Actor::Kind::token, self.id, self.name, self.account, self.kind == TokenKind::pat, os_uid};
}

Issued Authority::issue(const Actor& actor, const TokenRequest& request) {
  require_management(actor, "create tokens");
  check_name(request.name);
  check_description(request.description);
  Token token;
  token.account = actor.account;
  token.name = request.name;
  token.description = request.description;
  token.created_by = actor.id;
  token.created_at = std::chrono::floor<std::chrono::seconds>(m_clock.now());
  token.expires_at = request.expires_at;
  if (state_of(token, now()) == TokenState::expired) {
    throw Error(Errc::usage, "the token would be expired from the start: the clock was set back",
                "set the clock; or, if it was wrong before: caplet store check --accept-clock");
  }

  const auto change = m_store.begin();
  if (const auto other = change->token_named(token.account, token.name)) {
    const bool expired = state_of(*other, now()) == TokenState::expired;
    throw Error(Errc::exists,
                fmt::format(R"(a token named "{}" exists already ({}{}))", escape(token.name), other->id,
                            expired ? ", expired" : ""),
                fmt::format("choose another name, or delete it first: caplet token delete {}", other->id));
  }
  do {
    token.id = draw_id();
  } while (change->token(token.id));
  Secret secret = draw_token(m_store.info().prefix, token.kind, token.id);
  token.digest = m_store.token_digest(secret.text());
  change->insert(token);
  change->append(event(actor, action_of(token.kind, "mint"), token));
  change->commit();
  return {std::move(token), std::move(secret)};
}

Token Authority::find(const Actor& actor, std::string_view selector) {
  require_management(actor, "read tokens");
  return find_in(m_store, actor, selector, true);
}

void Authority::each(const Actor& actor, const std::function<bool(const Token&)>& visit) {
  require_management(actor, "list tokens");
  m_store.each_token([&](const Token& token) { return token.account != actor.account || visit(token); });
}

Token Authority::revoke(const Actor& actor, std::string_view selector, std::string_view reason) {
  require_management(actor, "delete tokens");
  try {
    return revoke_once(actor, selector, reason);
  } catch (const Error& e) {
    if (e.code() != Errc::full || !m_store.release_reserve()) {
      throw;
    }
  }
  return revoke_once(actor, selector, reason);
}

Token Authority::revoke_once(const Actor& actor, std::string_view selector, std::string_view reason) {
  const auto change = m_store.begin();
  Token token = find_in(*change, actor, selector, false);
  if (token.revoked_at) {
    return token;
  }
  token.revoked_at = m_clock.now();
  change->update(token);
  Event entry = event(actor, action_of(token.kind, "revoke"), token);
  entry.reason = reason;
  change->append(entry);
  change->commit();
  return token;
}

void Authority::withdraw(const Actor& actor, const Token& token) {
  revoke(actor, token.id, "the secret could not be handed over");
}

Instant Authority::now() { return std::max(m_clock.now(), m_store.latest()); }

Verdict Authority::verify(std::string_view text) {
  const auto parsed = parse_token(text);
  if (const auto* no = std::get_if<Malformed>(&parsed)) {
    return {Reason::malformed, std::nullopt, no->detail};
  }
  const auto& parts = std::get<TokenParts>(parsed);
  if (parts.prefix != m_store.info().prefix) {
    return {Reason::malformed, std::nullopt,
            fmt::format(R"(its prefix is "{}", and this store issues "{}")", parts.prefix, m_store.info().prefix)};
  }
  auto token = m_store.token(parts.id);
  const Digest digest = m_store.token_digest(text);
  const Digest dummy{};
  const bool matches = same_bytes(digest, token ? token->digest : dummy);
  if (!token || !matches) {
    return {Reason::unknown, std::nullopt, {}, std::string(parts.id)};
  }
  const auto reason = [&] {
    switch (state_of(*token, now())) {
    case TokenState::revoked:
      return Reason::revoked;
    case TokenState::expired:
      return Reason::expired;
    case TokenState::active:
      break;
    }
    return Reason::ok;
  }();
  return {reason, std::move(token), {}};
}

void Authority::require_management(const Actor& actor, std::string_view what) {
  if (actor.may_manage) {
    return;
  }
  note_may_not(actor, what);
  throw Error(Errc::denied, fmt::format(R"(the token "{}" may not {})", escape(actor.name), what),
              "a scoped token reaches only its scopes: use a personal token, or be the owner");
}

void Authority::note_may_not(const Actor& actor, std::string_view what) noexcept {
  try {
    Event entry = event(actor, std::string(k_denied), {});
    entry.outcome = Event::Outcome::denied;
    entry.reason = fmt::format("may not {}", what);
    note_denied(entry);
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): it is refused in any case
  }
}

void Authority::refuse_owners_work(std::string_view token, std::uint32_t os_uid) {
  const Verdict verdict = verify(token);
  note_refusal(verdict, os_uid);
  if (verdict.valid()) {
    const Token& self = *verdict.token;
    note_may_not({Actor::Kind::token, self.id, self.name, self.account, false, os_uid}, "do the owner's work");
  }
  throw Error(Errc::denied, "no token may do this, only the owner of the store, and CAPLET_TOKEN is set",
              "if you are the owner: unset CAPLET_TOKEN");
}

void Authority::note_refusal(const Verdict& verdict, std::uint32_t os_uid) noexcept {
  if (verdict.valid() || verdict.reason == Reason::malformed) {
    return;
  }
  try {
    Actor actor;
    actor.kind = Actor::Kind::token;
    actor.os_uid = os_uid;
    Token target;
    if (verdict.token) { // its secret was right: it is this token that asks
      target = *verdict.token;
      actor.id = target.id;
      actor.name = target.name;
    } else {
      target.id = verdict.claimed_id;
    }
    Event entry = event(actor, std::string(k_denied), target);
    entry.outcome = Event::Outcome::denied;
    entry.reason = to_string(verdict.reason);
    note_denied(entry);
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): as for note_use()
  }
}

void Authority::note_denied(const Event& event) noexcept {
  try {
    // The first of a minute waits for its place in the log; what is only counted does not hold anybody up.
    const auto change = m_store.denials().is_repeat(event) ? m_store.try_begin() : m_store.begin();
    if (!change) {
      return;
    }
    Denials denials = change->denials();
    for (const Event& due : denials.note(event)) {
      change->append(due);
    }
    change->remember(denials);
    change->commit();
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): it was refused in any case
  }
}

void Authority::note_use(const Verdict& verdict) noexcept {
  try {
    const Instant now = m_clock.now();
    const auto stale = [&](const Token& token) {
      const auto& last = token.last_used_at; // ahead of us where the clock was wrong for a while
      return !last || now - *last >= k_use_grain || now < *last;
    };
    if (!verdict.valid() || !stale(*verdict.token)) {
      return;
    }
    const auto change = m_store.try_begin();
    if (!change) {
      return;
    }
    auto token = change->token(verdict.token->id);
    if (token && stale(*token)) {
      token->last_used_at = std::chrono::floor<std::chrono::seconds>(now);
      change->update(*token);
      change->commit();
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the check was answered; a stamp must not undo that
  }
}

std::string Authority::account_name(std::string_view id) {
  const auto account = m_store.account(id);
  if (!account) {
    throw Error(Errc::damaged, fmt::format("the account {} of a record is not in the store", escape(id)),
                "restore the store from a backup");
  }
  return account->name;
}

void Authority::each_event(const Actor& actor, std::uint64_t after, const std::function<bool(const Event&)>& visit) {
  require_management(actor, "read the audit log");
  m_store.each_event(after, visit);
}

std::optional<Digest> Authority::audit_link(const Actor& actor, std::uint64_t seq) {
  require_management(actor, "read the audit log");
  return m_store.audit_link(seq);
}

SignedCheckpoint Authority::checkpoint(const Actor& actor) {
  require_management(actor, "sign the audit log");
  return m_store.signed_checkpoint();
}

AuditKey Authority::audit_key(const Actor& actor) {
  require_management(actor, "sign the audit log");
  return m_store.audit_key();
}

CheckReport Authority::check_audit(const Actor& actor, const Progress& progress) {
  require_management(actor, "check the audit log");
  return m_store.check_audit(progress);
}

Token Authority::find_in(Records& records, const Actor& actor, std::string_view selector, bool accept_prefix) {
  if (selector.empty()) {
    throw Error(Errc::usage, "the token's id or name is empty", "list them: caplet token list");
  }
  const auto ours = [&](const std::optional<Token>& token) { return token && token->account == actor.account; };
  if (looks_like_id(selector)) {
    if (auto token = records.token(selector); ours(token)) {
      return *token;
    }
  }
  if (auto token = records.token_named(actor.account, selector); ours(token)) {
    return *token;
  }
  std::vector<Token> candidates;
  if (selector.size() >= k_shortest_prefix && selector.size() < k_id_length && base62::is_base62(selector)) {
    candidates = records.tokens_with_prefix(selector, k_most_candidates);
    std::erase_if(candidates, [&](const Token& token) { return token.account != actor.account; });
  }
  if (candidates.empty()) {
    if (auto token = last_revoked(records, actor, selector)) {
      return *token;
    }
    throw no_such_token(selector);
  }
  if (candidates.size() > 1) {
    std::string list;
    for (const Token& token : candidates) {
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", token.id, escape(token.name));
    }
    throw Error(Errc::ambiguous, fmt::format("more than one token's id starts with {}", selector), "one of: " + list);
  }
  if (!accept_prefix) {
    const Token& token = candidates.front();
    throw Error(Errc::not_found, fmt::format("no token \"{}\", only an id that starts with it", selector),
                fmt::format("a token is deleted by its whole id or name: caplet token delete {}", token.id));
  }
  return candidates.front();
}

Event Authority::event(const Actor& actor, std::string action, const Token& target) const {
  Event entry;
  entry.time = m_clock.now();
  entry.action = std::move(action);
  entry.actor_kind = actor.kind;
  entry.actor_id = actor.id;
  entry.actor_name = actor.name;
  entry.os_uid = actor.os_uid;
  entry.target_id = target.id;
  entry.target_name = target.name;
  return entry;
}

} // namespace caplet
