// What verdicts leave in the store: last uses, and refused attempts. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

constexpr std::string_view k_denied = "auth.denied";
constexpr std::string_view k_reuse = "auth.reuse";

} // namespace

void Authority::note_use(const Verdict& verdict) noexcept {
  try {
    const Instant now = m_clock.now();
    if (!verdict.valid() || !is_worth_noting(*verdict.token, verdict, now)) {
      return;
    }
    // What ends the old secret is not left out because another writer is there just now.
    const auto change = settles_rotation(*verdict.token, verdict) ? m_store.begin() : m_store.try_begin();
    if (!change) {
      return;
    }
    auto token = change->token(verdict.token->id);
    if (token && is_worth_noting(*token, verdict, now)) {
      caplet::note_use(*token, verdict, now);
      change->update(*token);
      change->commit();
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the check was answered; a stamp must not undo that
  }
}

/// REQUIRES: it is refused.
Event Authority::refusal(const Verdict& verdict, std::uint32_t os_uid) const {
  Actor actor;
  actor.kind = Actor::Kind::token;
  actor.os_uid = os_uid;
  Token target;
  if (verdict.token) { // its secret was right: it is this token that asks
    target.id = actor.id = verdict.token->id;
    target.name = actor.name = verdict.token->name;
  } else {
    target.id = verdict.claimed_id;
  }
  const bool reused = verdict.generation == Generation::retired;
  Event entry = event(actor, std::string(reused ? k_reuse : k_denied), target);
  entry.outcome = Event::Outcome::denied;
  entry.reason = reused ? "a secret that was replaced" : to_string(verdict.reason);
  return entry;
}

void Authority::note_refusal(const Verdict& verdict, std::uint32_t os_uid) noexcept {
  if (verdict.valid() || verdict.reason == Reason::malformed) {
    return;
  }
  try {
    note_denied(refusal(verdict, os_uid));
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): as for note_use()
  }
}

Verdict Authority::admit(std::string_view token, const Presented& presented, std::uint32_t os_uid, HeldNotes& notes) {
  Verdict verdict = verify(token, presented);
  if (verdict.valid() && (verdict.token->uses_limit > 0 || settles_rotation(*verdict.token, verdict))) {
    verdict = admit(token, presented);
  } else if (verdict.valid() && is_worth_noting(*verdict.token, verdict, m_clock.now())) {
    notes.use(verdict, m_clock.now());
  }
  if (!verdict.valid() && verdict.reason != Reason::malformed) {
    notes.refusal(refusal(verdict, os_uid));
  }
  return verdict;
}

void Authority::write(HeldNotes& notes) noexcept {
  try {
    const Denials known = notes.refusals().empty() ? Denials() : m_store.denials();
    const bool is_new = std::any_of(notes.refusals().begin(), notes.refusals().end(),
                                    [&](const HeldNotes::Refusal& each) { return !known.is_repeat(each.event); });
    const auto change = notes.empty() ? nullptr : is_new ? m_store.begin() : m_store.try_begin();
    if (change) {
      write(notes, *change);
      change->commit();
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): as for note_use()
  }
  notes.clear();
}

void Authority::write(const HeldNotes& notes, Transaction& change) {
  Denials denials = change.denials();
  for (const auto& [event, times] : notes.refusals()) {
    for (const Event& due : denials.note(event, times)) {
      change.append(due);
    }
  }
  if (!notes.refusals().empty()) {
    change.remember(denials);
  }
  Verdict use;
  use.reason = Reason::ok;
  use.generation = Generation::previous; // one that settles a rotation was not held
  for (const auto& [id, held] : notes.uses()) {
    use.scopes_asked = held.scopes_asked;
    auto token = change.token(id);
    if (token && is_worth_noting(*token, use, held.at)) {
      caplet::note_use(*token, use, held.at);
      change.update(*token);
    }
  }
}

void Authority::note_scope(const Actor& actor, std::string_view scope) noexcept {
  try {
    const std::array wanted{std::string(scope)};
    const auto adds = [&](const std::optional<Token>& token) {
      return token && (token->scopes_used | scopes_asked(*token, wanted)) != token->scopes_used;
    };
    if (!adds(m_store.token(actor.id))) { // nearly always: it was the first time once
      return;
    }
    const auto change = m_store.try_begin();
    auto token = change ? change->token(actor.id) : std::nullopt;
    if (adds(token)) {
      token->scopes_used |= scopes_asked(*token, wanted);
      change->update(*token);
      change->commit();
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): as for note_use()
  }
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

} // namespace caplet
