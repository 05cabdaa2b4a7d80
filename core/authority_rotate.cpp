// Rotation in place. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/seats.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

/// Of a grace that only the first use of the new secret ends: the last moment that RFC 3339 can write.
constexpr Instant k_open_end = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

/// Nothing where the old secret is to die at once.
std::optional<Instant> grace_end_of(const Rotation& rotation, Instant now) {
  return rotation.grace == std::chrono::seconds::zero()
             ? std::nullopt
             : std::optional<Instant>(
                   std::min<Instant>(std::chrono::floor<std::chrono::seconds>(now) + rotation.grace, k_open_end));
}

void retire(Token& token, const Digest& digest) {
  token.retired.insert(token.retired.begin(), digest);
  if (token.retired.size() > Token::k_most_retired) {
    token.retired.pop_back();
  }
}

bool has_open_grace(const Token& token, Instant now) { return token.previous && now < token.previous->until; }

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
      token.previous = PreviousSecret{token.digest, {}, ends, token.expires_at, token.signed_by, false};
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
  return rotate_until(actor, selector, rotation, grace_end_of(rotation, now()), nullptr);
}

Token Authority::rotate(const Actor& actor, std::string_view selector, const Rotation& rotation,
                        const std::function<void(const Issued&)>& hand_over) {
  Token before;
  const auto grace_end = grace_end_of(rotation, now());
  Rotation first = rotation;
  if (!grace_end) {
    first.ends = PreviousSecret::Ends::at_first_use;
  }
  const Issued issued = rotate_until(actor, selector, first, grace_end.value_or(k_open_end), &before);
  try {
    hand_over(issued);
  } catch (...) {
    undo_rotation(actor, before);
    throw;
  }
  if (!grace_end) {
    try {
      end_old_secret(actor, issued.token);
    } catch (const Error& e) {
      throw Error(e.code(), fmt::format("the new secret is good, but the old secret could not be ended: {}", e.what()),
                  "it dies when the new one is first used");
    }
  }
  return issued.token;
}

/// The token as it will live on with its new secret.
Token Authority::renewed(Records& records, const Actor& actor, const Token& token, const Rotation& rotation,
                         Instant now) {
  const auto self = actor.kind == Actor::Kind::token ? records.token(actor.id) : std::nullopt;
  Token renewed = token;
  if (rotation.ending) {
    renewed.expires_at = allowed_end(*rotation.ending, records.policy(), self ? self->expires_at : std::nullopt, now);
  }
  if (self && self->id != token.id && !is_within(renewed, *self)) {
    throw Error(Errc::denied,
                fmt::format("the token \"{}\" may more than the one that asks for its secret", escape(token.name)),
                "give it an expiry that ends no later (-e), or be the owner");
  }
  if (state_of(renewed, now) == TokenState::expired) {
    throw Error(Errc::failed, fmt::format("the token \"{}\" has expired", escape(token.name)),
                "give it a new expiry with its new secret: -e 90d");
  }
  if (!is_live(token, now) && is_live(renewed, now)) { // it comes back to life
    Seats(records, records.policy(), token.account, now).take(token.kind);
  }
  return renewed;
}

Issued Authority::rotate_until(const Actor& actor, std::string_view selector, const Rotation& rotation,
                               const std::optional<Instant>& grace_end, Token* before) {
  require_own(actor, selector, "rotate tokens");
  const auto change = m_store.begin();
  Token token = find_own(*change, actor, selector, "rotate");
  if (before != nullptr) {
    *before = token;
  }
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
  change->update(token);
  Event entry = event(actor, action_of(token.kind, "rotate"), token);
  if (token.previous) {
    entry.reason =
        fmt::format("the old secret is good until {}{}", format_rfc3339(token.previous->until),
                    rotation.ends == PreviousSecret::Ends::at_first_use ? " or the new one's first use" : "");
  }
  change->append(entry);
  change->commit();
  return {std::move(token), std::move(secret)};
}

Token Authority::abort_rotation(const Actor& actor, std::string_view selector) {
  require_own(actor, selector, "rotate tokens");
  const auto change = m_store.begin();
  Token token = find_own(*change, actor, selector, "rotate --abort");
  if (!has_open_grace(token, now()) || token.revoked_at) {
    throw Error(Errc::failed, fmt::format("no rotation of the token \"{}\" is under way", escape(token.name)),
                "only one with a grace can be undone, until that is over: caplet token rotate --grace 1h");
  }
  if (token.previous->replaced) {
    throw Error(Errc::failed, fmt::format("the new secret of the token \"{}\" has been used", escape(token.name)),
                "going back would break whoever uses it; rotate it again: caplet token rotate");
  }
  retire(token, token.digest);
  token.digest = token.previous->digest;
  token.expires_at = token.previous->expires_at;
  token.signed_by = token.previous->signed_by;
  token.previous.reset();
  change->update(token);
  change->append(event(actor, action_of(token.kind, "abort"), token));
  change->commit();
  return token;
}

void Authority::undo_rotation(const Actor& actor, const Token& before) {
  const auto change = m_store.begin();
  auto token = change->token(before.id);
  if (!token || token->revoked_at || token->digest == before.digest) {
    return;
  }
  const Digest unseen = token->digest;
  token->digest = before.digest;
  token->expires_at = before.expires_at;
  token->signed_by = before.signed_by;
  token->rotated_at = before.rotated_at;
  token->previous = before.previous;
  token->retired = before.retired;
  retire(*token, unseen);
  change->update(*token);
  Event entry = event(actor, action_of(token->kind, "abort"), *token);
  entry.reason = "the secret could not be handed over";
  change->append(entry);
  change->commit();
}

void Authority::end_old_secret(const Actor& actor, const Token& rotated) {
  const auto change = m_store.begin();
  auto token = change->token(rotated.id);
  if (!token || token->revoked_at || token->digest != rotated.digest || !token->previous) {
    return; // rotated once more meanwhile, or in use already
  }
  retire(*token, token->previous->digest);
  token->previous.reset();
  change->update(*token);
  change->append(event(actor, action_of(token->kind, "retire"), *token));
  change->commit();
}

} // namespace caplet
