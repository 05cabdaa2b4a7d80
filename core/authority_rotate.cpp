// Rotation in place. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/rotation.hpp"
#include "core/seats.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace caplet {
namespace {

constexpr Instant k_open_end = PreviousSecret::k_open_end;

constexpr std::string_view k_rotate = "rotate tokens";

/// Gives up the secret that the token has now: it stays good until then, or is dead.
void replace_secret(Token& token, PreviousSecret::Ends ends, const std::optional<Instant>& grace_end, Instant now) {
  const bool in_use_is_previous = has_open_grace(token, now) && !token.previous->replaced;
  const bool keeps_old = grace_end.has_value();
  if (in_use_is_previous && keeps_old) {
    retire(token, token.digest); // it was never used; the one before it stays the way back
  } else {
    if (token.previous) {
      retire(token, token.previous->digest);
      token.previous.reset();
    }
    if (keeps_old) {
      token.previous =
          PreviousSecret{token.digest, {}, ends, token.expires_at, token.signed_by, false, token.rotated_by};
    } else {
      retire(token, token.digest);
    }
  }
  if (keeps_old) {
    token.previous->until = *grace_end;
    token.previous->ends = ends;
  }
}

} // namespace

Issued Authority::rotate(const Actor& actor, std::string_view selector, const Rotation& rotation) {
  BeforeRotation before;
  return rotate_until(actor, selector, rotation, grace_end_of(rotation, now()), before);
}

/// Refuses who would get more life than it has by a rotation. A secret that was replaced, in its grace, rotates
/// nothing: not its own token, whose new secret is another's by now, and no other that could do that for it; nor does a
/// token rotate those that it comes from. Throws Error{denied}.
void Authority::require_rotatable(Records& records, const Actor& actor, const Token& token) {
  if (actor.kind != Actor::Kind::token) {
    return;
  }
  const auto self = records.token(actor.id);
  if (!self || self->revoked_at || self->digest != actor.secret) {
    throw Error(Errc::denied,
                fmt::format("the secret of the token \"{}\" is not the one that counts now, and rotates nothing",
                            escape(actor.name)),
                "use its new secret, or be the owner");
  }
  auto maker = records.token(self->created_by);
  for (std::set<std::string> seen; maker && seen.insert(maker->id).second; maker = records.token(maker->created_by)) {
    if (maker->id == token.id) {
      throw Error(Errc::denied,
                  fmt::format(R"(the token "{}" comes from "{}", and does not rotate it)", escape(actor.name),
                              escape(token.name)),
                  "use a token that was not made by it, or be the owner");
    }
  }
}

/// Refuses to make a token, by a rotation or by going back from one, what the policy or the actor's own token does not
/// let anybody make. `ending`: its new expiry, which is put into `renewed`; nothing where it stays. Throws
/// Error{denied}.
void Authority::require_allowed(Records& records, const Actor& actor, const Token& token, Token& renewed,
                                const std::optional<Ending>& ending, Instant now) {
  const auto self = actor.kind == Actor::Kind::token ? records.token(actor.id) : std::nullopt;
  if (ending) {
    renewed.expires_at = allowed_end(*ending, records.policy(), self ? self->expires_at : std::nullopt, now);
  }
  if (self && self->id != token.id && !is_within(renewed, *self)) {
    throw Error(Errc::denied,
                fmt::format("the token \"{}\" may more than the one that asks for its secret", escape(token.name)),
                "give it an expiry that ends no later (-e), or be the owner");
  }
  if (!is_live(token, now) && is_live(renewed, now)) { // it comes back to life
    Seats(records, records.policy(), token.account, now).take(token.kind);
  }
}

/// The token as it will live on with its new secret.
Token Authority::renewed(Records& records, const Actor& actor, const Token& token, const Rotation& rotation,
                         Instant now) {
  Token renewed = token;
  renewed.rotated_at = now; // from when on it is idle
  require_allowed(records, actor, token, renewed, rotation.ending, now);
  if (state_of(renewed, now) == TokenState::expired) {
    throw Error(Errc::failed, fmt::format("the token \"{}\" has expired", escape(token.name)),
                fmt::format("give it a new expiry with its new secret: -e {}",
                            duration_text(usual_lifetime(records.policy()))));
  }
  return renewed;
}

/// `before`: gets the token as it was.
Issued Authority::rotate_until(const Actor& actor, std::string_view selector, const Rotation& rotation,
                               const std::optional<Instant>& grace_end, BeforeRotation& before) {
  require_own(actor, selector, k_rotate);
  try {
    await_next_second(find_own(m_store, actor, selector, "rotate")); // before the store is locked
    return rotate_once(actor, selector, rotation, grace_end, before);
  } catch (const Error& e) {
    note_denied(e, actor, k_rotate, before.token);
    throw;
  }
}

Issued Authority::rotate_once(const Actor& actor, std::string_view selector, const Rotation& rotation,
                              const std::optional<Instant>& grace_end, BeforeRotation& before) {
  const auto change = m_store.begin();
  Token token = find_own(*change, actor, selector, "rotate");
  before.token = token;
  require_rotatable(*change, actor, token);
  const Instant now = std::chrono::floor<std::chrono::seconds>(this->now());
  if (token.revoked_at) {
    throw Error(Errc::failed, fmt::format("the token \"{}\" was revoked", escape(token.name)),
                "make another one: caplet token create -n NAME");
  }
  const Token renewed = this->renewed(*change, actor, token, rotation, now);
  replace_secret(token, rotation.ends, grace_end, now);
  token.expires_at = renewed.expires_at;
  Secret secret;
  if (token.format == TokenFormat::jwt) {
    secret = sign(token, signer(*change, actor));
  } else {
    secret = draw_token(m_store.info().prefix, token.kind, token.id);
    token.digest = m_store.token_digest(secret.text());
    token.rotated_at = std::chrono::floor<std::chrono::seconds>(now);
  }
  token.rotated_by = actor.id != token.id ? actor.id : std::string();
  change->update(token);
  if (!token.rotated_by.empty()) {
    if (auto self = change->token(actor.id)) {
      ++self->rotations;
      change->update(*self);
    }
  }
  Event entry = event(actor, action_of(token.kind, "rotate"), token);
  if (token.previous) {
    entry.reason =
        token.previous->until == k_open_end
            ? std::string("the old secret is good until the new one is handed over")
            : fmt::format("the old secret is good until {}{}", format_rfc3339(token.previous->until),
                          rotation.ends == PreviousSecret::Ends::at_first_use ? " or the new one's first use" : "");
  }
  change->append(entry);
  Issued issued{std::move(token), std::move(secret)};
  before.login = keep_in_login(*change, actor, rotation, issued);
  change->commit();
  return issued;
}

/// The login as it was, where it is the token's and now has the new secret.
std::optional<Credential> Authority::keep_in_login(Transaction& change, const Actor& actor, const Rotation& rotation,
                                                   const Issued& issued) {
  auto login = rotation.login && actor.id == issued.token.id ? change.credential(*rotation.login) : std::nullopt;
  if (!login || m_store.token_digest(login->token.text()) != actor.secret) {
    return std::nullopt;
  }
  keep(change, actor, *rotation.login, issued.secret, issued.token.id);
  return login;
}

Token Authority::abort_rotation(const Actor& actor, std::string_view selector) {
  require_own(actor, selector, k_rotate);
  Token token;
  try {
    abort_once(actor, selector, token);
  } catch (const Error& e) {
    note_denied(e, actor, k_rotate, token);
    throw;
  }
  return token;
}

/// `token`: gets the token as it is then.
void Authority::abort_once(const Actor& actor, std::string_view selector, Token& token) {
  const auto change = m_store.begin();
  token = find_own(*change, actor, selector, "rotate --abort");
  require_rotatable(*change, actor, token);
  if (!has_open_grace(token, now()) || token.revoked_at) {
    throw Error(Errc::failed, fmt::format("no rotation of the token \"{}\" is under way", escape(token.name)),
                "only one with a grace can be undone, until that is over: caplet token rotate --grace 1h");
  }
  if (token.previous->replaced) {
    throw Error(Errc::failed, fmt::format("the new secret of the token \"{}\" has been used", escape(token.name)),
                "going back would break whoever uses it; rotate it again: caplet token rotate");
  }
  Token back = token;
  back.expires_at = token.previous->expires_at;
  const auto ending = back.expires_at == token.expires_at ? std::nullopt : std::optional(Ending(back.expires_at));
  require_allowed(*change, actor, token, back, ending, now());
  retire(token, token.digest);
  token.digest = token.previous->digest;
  token.expires_at = back.expires_at;
  token.signed_by = token.previous->signed_by;
  token.rotated_by = token.previous->rotated_by;
  token.previous.reset();
  change->update(token);
  change->append(event(actor, action_of(token.kind, "abort"), token));
  change->commit();
}

} // namespace caplet
