// Tokens in the JWT format, and the keys that sign them. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/jwt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace caplet {
namespace {

/// Whether a secret of the token was this string before, or is it still.
bool was_secret(const Token& token, const Digest& digest) {
  return token.digest == digest || (token.previous && token.previous->digest == digest) ||
         std::find(token.retired.begin(), token.retired.end(), digest) != token.retired.end();
}

bool has_ended(const Token& token, Instant now) {
  const TokenState state = state_of(token, now);
  return state == TokenState::revoked || state == TokenState::expired;
}

} // namespace

/// The key that signs; made where there is none yet.
Signer Authority::signer(Transaction& change, const Actor& actor) {
  const auto keys = change.signing_keys();
  if (!keys.empty() && !keys.front().retired_at) {
    return {keys.front().kid, change.signing_seed(keys.front().kid)};
  }
  Signer signer;
  add_signing_key(change, signer, keys.empty() ? std::string() : keys.front().kid);
  Event entry = event(actor, "store.jwks.create", {});
  entry.target_id = signer.kid;
  change.append(entry);
  return signer;
}

SigningKey Authority::add_signing_key(Transaction& change, Signer& signer, std::string replaced) {
  std::string kid;
  do {
    kid = draw_id();
  } while (change.signing_key(kid) || change.token(kid));
  signer = draw_signer(std::move(kid));
  SigningKey key;
  key.kid = signer.kid;
  key.public_key = public_key_of(signer.seed.view());
  key.created_at = std::chrono::floor<std::chrono::seconds>(m_clock.now());
  key.replaced = std::move(replaced);
  change.insert(key, signer.seed.view());
  return key;
}

/// Gives a token its secret as a JWT. One that says the same as a secret which the token had before would be that very
/// string, for a signature has nothing random in it: so each is issued a second later than the one before.
Secret Authority::sign(Token& token, const Signer& signer) {
  constexpr auto k_second = std::chrono::seconds(1);
  Instant issued_at = token.created_at;
  if (token.digest != Digest{}) {
    issued_at = std::max<Instant>(std::chrono::floor<std::chrono::seconds>(now()),
                                  token.rotated_at.value_or(token.created_at) + k_second);
    token.rotated_at = issued_at;
  }
  Secret secret = sign_jwt(claims_of(token, m_store.info().issuer, issued_at), signer);
  Digest digest = m_store.token_digest(secret.text());
  while (was_secret(token, digest)) {
    issued_at += k_second;
    token.rotated_at = issued_at;
    secret = sign_jwt(claims_of(token, m_store.info().issuer, issued_at), signer);
    digest = m_store.token_digest(secret.text());
  }
  token.digest = digest;
  token.signed_by = signer.kid;
  return secret;
}

std::vector<SigningKey> Authority::published_keys() {
  std::vector<SigningKey> keys = m_store.signing_keys();
  const auto is_retired = [](const SigningKey& key) { return key.retired_at.has_value(); };
  if (std::none_of(keys.begin(), keys.end(), is_retired)) { // and there may be many tokens to look at
    return keys;
  }
  std::set<std::string> needed;
  const Instant now = this->now();
  m_store.each_token([&](const Token& token) {
    if (token.format == TokenFormat::jwt && !has_ended(token, now)) {
      needed.insert(token.signed_by);
      if (token.previous && now < token.previous->until) {
        needed.insert(token.previous->signed_by);
      }
    }
    return true;
  });
  std::erase_if(keys, [&](const SigningKey& key) { return is_retired(key) && !needed.contains(key.kid); });
  return keys;
}

SigningKey Authority::rotate_signing_key(const Actor& actor) {
  if (actor.kind != Actor::Kind::owner) {
    refuse(actor, "rotate the signing key", "only the owner may");
  }
  const auto change = m_store.begin();
  auto keys = change->signing_keys();
  Event entry = event(actor, "store.jwks.rotate", {});
  std::string replaced;
  if (!keys.empty()) {
    SigningKey& old = keys.front();
    replaced = old.kid;
    if (!old.retired_at) {
      old.retired_at = std::chrono::floor<std::chrono::seconds>(m_clock.now());
      change->retire(old);
      entry.reason = fmt::format("{} was retired", old.kid);
    }
  }
  Signer signer;
  SigningKey key = add_signing_key(*change, signer, std::move(replaced));
  entry.target_id = key.kid;
  change->append(entry);
  change->commit();
  return key;
}

/// The id that a token string names, once its form is right and, for a JWT, one of this store's keys has signed it.
/// Else the verdict.
std::variant<std::string, Verdict> Authority::claimed_id(std::string_view text) {
  const StoreInfo& info = m_store.info();
  if (!looks_like_jwt(text)) {
    const auto parsed = parse_token(text);
    if (const auto* no = std::get_if<Malformed>(&parsed)) {
      return Verdict{Reason::malformed, std::nullopt, no->detail};
    }
    const auto& parts = std::get<TokenParts>(parsed);
    if (parts.prefix != info.prefix) {
      return Verdict{Reason::malformed, std::nullopt,
                     fmt::format(R"(its prefix is "{}", and this store issues "{}")", parts.prefix, info.prefix)};
    }
    return std::string(parts.id);
  }
  auto parsed = parse_jwt(text);
  if (auto* no = std::get_if<BadJwt>(&parsed)) {
    return Verdict{Reason::malformed, std::nullopt, std::move(no->detail)};
  }
  auto& jwt = std::get<Jwt>(parsed);
  if (jwt.claims.issuer != info.issuer) {
    return Verdict{Reason::malformed, std::nullopt,
                   fmt::format("its issuer is {}, and this store is {}", jwt.claims.issuer, info.issuer)};
  }
  if (!m_known_key || m_known_key->kid != jwt.kid) {
    m_known_key = m_store.signing_key(jwt.kid);
  }
  if (!m_known_key || !signature_fits(jwt.signed_text, jwt.signature, m_known_key->public_key)) {
    return Verdict{Reason::unknown, std::nullopt, {}, std::move(jwt.claims.id)};
  }
  return std::move(jwt.claims.id);
}

} // namespace caplet
