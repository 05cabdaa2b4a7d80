#include "core/authority.hpp"

#include "core/base62.hpp"
#include "core/error.hpp"
#include "core/jwt.hpp"
#include "core/scope.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::size_t k_shortest_prefix = 4;
constexpr std::size_t k_most_candidates = 10;

Error is_a_token(std::string_view id) {
  return {Errc::usage, "that is a token itself, not its id or name",
          fmt::format("a token's secret does not belong on a command line; its id is {}", id)};
}

Error no_such_token(std::string_view selector) {
  if (const auto parsed = parse_token(selector); const auto* parts = std::get_if<TokenParts>(&parsed)) {
    return is_a_token(parts->id);
  }
  if (const auto parsed = parse_jwt(selector); const auto* jwt = std::get_if<Jwt>(&parsed)) {
    return is_a_token(jwt->claims.id);
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

Actor actor_of(const Token& token, std::uint32_t os_uid) {
  return {Actor::Kind::token, token.id, token.name, token.account, token.kind == TokenKind::pat, os_uid, token.scopes};
}

} // namespace

std::string action_of(TokenKind kind, std::string_view verb) {
  return std::string("account.").append(to_string(kind)).append(".").append(verb); // one for each of many tokens
}

Actor Authority::owner(std::uint32_t os_uid) {
  Actor actor;
  actor.account = m_store.info().account;
  actor.name = account_name(actor.account);
  actor.os_uid = os_uid;
  return actor;
}

Actor Authority::authenticate(std::string_view token, std::uint32_t os_uid) {
  const Verdict verdict = admit(token);
  if (!verdict.valid()) {
    note_refusal(verdict, os_uid);
    throw Error(Errc::rejected, fmt::format("the token was rejected: {}", to_string(verdict.reason)),
                "see why: caplet verify --explain; or give none, to act as the owner");
  }
  return actor_of(*verdict.token, os_uid);
}

bool Authority::may(const Actor& actor, std::string_view scope) {
  if (actor.may_manage) {
    return true;
  }
  const bool covered = covers(actor.scopes, scope);
  if (covered) {
    note_scope(actor, scope);
  }
  return covered;
}

void Authority::require(const Actor& actor, std::string_view scope, std::string_view what) {
  if (!may(actor, scope)) {
    refuse(actor, what, fmt::format("it lacks the scope {}", scope));
  }
}

void Authority::require_management(const Actor& actor, std::string_view what) {
  if (!actor.may_manage) {
    refuse(actor, what, "a scoped token never does");
  }
}

void Authority::refuse(const Actor& actor, std::string_view what, std::string why) {
  note_may_not(actor, what);
  throw Error(Errc::denied, fmt::format(R"(the token "{}" may not {}: {})", escape(actor.name), what, why),
              "use a personal token, or be the owner");
}

void Authority::note_owners_work(std::string_view token, std::uint32_t os_uid) noexcept {
  try {
    const Verdict verdict = verify(token);
    note_refusal(verdict, os_uid);
    if (verdict.valid()) {
      note_may_not(actor_of(*verdict.token, os_uid), "do the owner's work");
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): it is refused in any case
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

Token Authority::find(const Actor& actor, std::string_view selector) {
  require(actor, "token:read", "read tokens");
  return find_in(m_store, actor, selector);
}

void Authority::each(const Actor& actor, const std::function<bool(const Token&)>& visit) {
  require(actor, "token:read", "list tokens");
  m_store.each_token([&](const Token& token) { return token.account != actor.account || visit(token); });
}

void Authority::require_own(const Actor& actor, std::string_view selector, std::string_view what) {
  if (!actor.may_manage && selector != actor.id && name_key(selector) != name_key(actor.name)) {
    refuse(actor, what, "a scoped token reaches itself alone");
  }
}

/// REQUIRES: require_own().
Token Authority::find_own(Records& records, const Actor& actor, std::string_view selector, std::string_view verb) {
  return find_in(records, actor, actor.may_manage ? selector : std::string_view(actor.id), verb);
}

/// `verb`: what is to be done to it, by exact id or name; where there is none, the start of an id will do.
Token Authority::find_in(Records& records, const Actor& actor, std::string_view selector, std::string_view verb) {
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
  if (!verb.empty()) {
    const Token& token = candidates.front();
    throw Error(Errc::not_found, fmt::format("no token \"{}\", only an id that starts with it", selector),
                fmt::format("that takes the whole id or name: caplet token {} {}", verb, token.id));
  }
  return candidates.front();
}

Policy Authority::set_policy(const Actor& actor, const std::vector<std::pair<std::string, std::string>>& rules) {
  if (actor.kind != Actor::Kind::owner) {
    refuse(actor, "set the store's policy", "only the owner may");
  }
  const auto change = m_store.begin();
  Policy policy = change->policy();
  std::string set;
  for (const auto& [key, value] : rules) {
    const PolicyRule& rule = policy_rule(key);
    rule.set(policy, value);
    set += fmt::format("{}{}={}", set.empty() ? "" : " ", rule.key, rule.get(policy));
  }
  if (policy.longest_lifetime && policy.default_lifetime > *policy.longest_lifetime) {
    throw Error(Errc::usage, "the default lifetime would be longer than the longest",
                "set both: caplet store policy set default-lifetime=30d longest-lifetime=90d");
  }
  change->set_policy(policy);
  Event entry = event(actor, "store.policy.set", {});
  entry.reason = set;
  change->append(entry);
  change->commit();
  return policy;
}

Instant Authority::now() { return std::max(m_clock.now(), m_store.latest()); }

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
