// Rotation in place. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

constexpr std::string_view k_not_handed_over = "the secret could not be handed over";

void retire(Token& token, const Digest& digest) {
  token.retired.insert(token.retired.begin(), digest);
  if (token.retired.size() > Token::k_most_retired) {
    token.retired.pop_back();
  }
}

bool has_open_grace(const Token& token, Instant now) { return token.previous && now < token.previous->until; }

/// Gives up the secret that the token has now: it stays good for the grace, or is dead.
void replace_secret(Token& token, const Rotation& rotation, Instant now) {
  const bool in_use_is_previous = has_open_grace(token, now) && !token.previous->replaced;
  const bool keeps_old = rotation.grace > std::chrono::seconds::zero();
  if (in_use_is_previous && keeps_old) {
    retire(token, token.digest); // it was never used; the one before it stays the way back
  } else {
    if (token.previous) {
      retire(token, token.previous->digest);
      token.previous.reset();
    }
    if (keeps_old) {
      token.previous = PreviousSecret{token.digest, {}, rotation.ends, token.expires_at, token.signed_by, false};
    } else {
      retire(token, token.digest);
    }
  }
  if (keeps_old) {
    token.previous->until = now + rotation.grace;
    token.previous->ends = rotation.ends;
  }
}

} // namespace

Issued Authority::rotate(const Actor& actor, std::string_view selector, const Rotation& rotation, Token* before) {
  require_own(actor, selector, "rotate tokens");
  const auto change = m_store.begin();
  Token token = find_own(*change, actor, selector);
  if (before != nullptr) {
    *before = token;
  }
  const Instant now = std::chrono::floor<std::chrono::seconds>(this->now());
  if (token.revoked_at) {
    throw Error(Errc::failed, fmt::format("the token \"{}\" was revoked", escape(token.name)),
                "make another one: caplet token create -n NAME");
  }
  Token renewed = token;
  if (rotation.ending) {
    // A token that renews itself, or others, does not get further than it came itself.
    const auto self = actor.kind == Actor::Kind::token ? change->token(actor.id) : std::nullopt;
    renewed.expires_at = allowed_end(*rotation.ending, change->policy(), self ? self->expires_at : std::nullopt, now);
  }
  if (state_of(renewed, now) == TokenState::expired) {
    throw Error(Errc::failed, fmt::format("the token \"{}\" has expired", escape(token.name)),
                "give it a new expiry with its new secret: -e 90d");
  }
  replace_secret(token, rotation, now);
  token.expires_at = renewed.expires_at;
  Secret secret = draw_token(m_store.info().prefix, token.kind, token.id);
  token.digest = m_store.token_digest(secret.text());
  token.rotated_at = std::chrono::floor<std::chrono::seconds>(now);
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
  Token token = find_own(*change, actor, selector);
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

void Authority::withdraw_rotation(const Actor& actor, const Token& before) {
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
  entry.reason = k_not_handed_over;
  change->append(entry);
  change->commit();
}

} // namespace caplet
