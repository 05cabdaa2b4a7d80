// Rotation of a secret that may get lost on its way. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/rotation.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {
namespace {

/// Of a secret that died while it was handed over.
Error overtaken(const Token& issued, bool is_revoked) {
  return {Errc::failed,
          fmt::format("the token \"{}\" was {} meanwhile, and the secret that was just handed over is dead",
                      escape(issued.name), is_revoked ? "revoked" : "rotated, or its rotation aborted,"),
          is_revoked
              ? "make another one: caplet token create -n NAME"
              : fmt::format("use the one that counts, or rotate it once more: caplet token rotate {}", issued.id)};
}

} // namespace

Token Authority::rotate(const Actor& actor, std::string_view selector, const Rotation& rotation,
                        const std::function<void(const Issued&)>& hand_over) {
  BeforeRotation before;
  const auto grace_end = grace_end_of(rotation, now());
  Rotation first = rotation;
  if (!grace_end) {
    first.ends = PreviousSecret::Ends::at_first_use;
  }
  Issued issued = rotate_until(actor, selector, first, grace_end.value_or(PreviousSecret::k_open_end), before);
  if (!grace_end) {
    issued.token.previous.reset(); // as it is once the secret is handed over
  }
  try {
    hand_over(issued);
  } catch (const Error& e) {
    throw Error(e.code(), fmt::format("{}; {}", e.what(), undo_rotation(actor, before, issued.token)), e.hint());
  } catch (...) {
    undo_rotation(actor, before, issued.token);
    throw;
  }
  std::optional<Token> left;
  try {
    left = grace_end ? m_store.token(issued.token.id) : end_old_secret(actor, issued.token);
  } catch (const Error& e) {
    throw Error(e.code(), fmt::format("the new secret is good, but the old secret could not be ended: {}", e.what()),
                "it dies when the new one is first used");
  }
  if (!left || left->revoked_at || !is_good(*left, issued.token.digest, now())) {
    throw overtaken(issued.token, !left || left->revoked_at);
  }
  return issued.token;
}

/// Goes back to the token as it was, unless the secret that nobody has seen is no longer the one that counts: what
/// others did to the token meanwhile, and may rely on, stays. What counts now, in a clause.
std::string Authority::undo_rotation(const Actor& actor, const BeforeRotation& was, const Token& issued) {
  const Token& before = was.token;
  try {
    const auto change = m_store.begin();
    auto token = change->token(issued.id);
    if (!token || token->revoked_at) {
      return "and the token was revoked meanwhile";
    }
    if (token->digest != issued.digest) {
      return "and the token was rotated, or its rotation aborted, meanwhile: what that left counts";
    }
    token->digest = before.digest;
    token->expires_at = before.expires_at;
    token->signed_by = before.signed_by;
    token->rotated_at = before.rotated_at;
    token->rotated_by = before.rotated_by;
    token->previous = before.previous;
    std::erase_if(token->retired, [&](const Digest& each) {
      return each == before.digest || (before.previous && each == before.previous->digest);
    });
    retire(*token, issued.digest);
    change->update(*token);
    Event entry = event(actor, action_of(token->kind, "abort"), *token);
    entry.reason = "the secret could not be handed over";
    change->append(entry);
    const auto login = was.login ? change->credential(was.login->profile) : std::nullopt;
    if (login && m_store.token_digest(login->token.text()) == issued.digest) {
      keep(*change, actor, was.login->profile, was.login->token, before.id);
    }
    change->commit();
    return "the old secret still counts";
  } catch (const Error& e) {
    return fmt::format("and the rotation could not be undone: {}; the old secret counts until the new one is used",
                       e.what());
  }
}

/// The token as it is now: its old secret has ended, where the new one is the one that counts.
std::optional<Token> Authority::end_old_secret(const Actor& actor, const Token& rotated) {
  const auto change = m_store.begin();
  auto token = change->token(rotated.id);
  if (!token || token->revoked_at || token->digest != rotated.digest || !token->previous) {
    return token;
  }
  retire(*token, token->previous->digest);
  token->previous.reset();
  change->update(*token);
  change->append(event(actor, action_of(token->kind, "retire"), *token));
  change->commit();
  return token;
}

} // namespace caplet
