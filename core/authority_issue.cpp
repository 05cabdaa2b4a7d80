// Minting. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/scope.hpp"
#include "core/seats.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {

/// The minting of one or many tokens in a transaction: what is the same for all is looked up once.
class Authority::Minting {
public:
  Minting(Authority& authority, const Actor& actor)
      : m_authority(authority), m_actor(actor), m_change(authority.m_store.begin()), m_policy(m_change->policy()),
        m_seats(*m_change, m_policy, actor.account, authority.now()) {
    if (actor.kind == Actor::Kind::token) {
      m_maker = m_change->token(actor.id);
      if (!m_maker || state_of(*m_maker, authority.now()) == TokenState::revoked) {
        throw Error(Errc::rejected, "the token that makes this one was revoked meanwhile", "give a valid one");
      }
    }
  }

  /// A new token; `secret` is told once and wiped.
  Token add(const TokenRequest& request, Secret& secret) {
    Token token = described(request);
    m_seats.take(token.kind);
    int drawn = 0;
    do {
      if (++drawn > k_most_draws) {
        throw Error(Errc::damaged, "the store has every id that was drawn, or its indexes are damaged",
                    "see what is wrong: caplet store check");
      }
      token.id = draw_id(m_digits);
      if (token.format == TokenFormat::jwt) {
        sign(token, secret);
      } else {
        draw(token, secret);
      }
    } while (!insert(token));
    m_change->append(m_authority.event(m_actor, action_of(token.kind, "mint"), token));
    ++m_minted;
    return token;
  }

  void commit() {
    if (m_maker && m_minted > 0) {
      m_maker->children += m_minted;
      m_change->update(*m_maker);
    }
    m_change->commit();
  }

private:
  static constexpr int k_most_draws = 8; ///< one id in 10^21 is taken

  /// False where the id is taken. The store itself sees to it that names and ids are there once: a look before each
  /// insertion would cost as much as that.
  bool insert(const Token& token) {
    try {
      m_change->insert(token);
      return true;
    } catch (const Error& e) {
      if (e.code() != Errc::exists) {
        throw;
      }
    }
    const auto other = m_change->token_named(token.account, token.name);
    if (!other) {
      return false;
    }
    const bool expired = state_of(*other, m_authority.now()) == TokenState::expired;
    throw Error(Errc::exists,
                fmt::format(R"(a token named "{}" exists already ({}{}))", escape(token.name), other->id,
                            expired ? ", expired" : ""),
                fmt::format("choose another name, or delete it first: caplet token delete {}", other->id));
  }

  Token described(const TokenRequest& request) const {
    check(request);
    const Instant now = std::chrono::floor<std::chrono::seconds>(m_authority.m_clock.now());
    Token token;
    token.kind = request.scopes.empty() ? TokenKind::pat : TokenKind::sat;
    token.account = m_actor.account;
    token.name = request.name;
    token.description = request.description;
    token.created_by = m_actor.id;
    token.created_at = now;
    token.scopes = checked_scopes(request.scopes);
    token.not_before = request.not_before;
    token.uses_limit = request.uses_limit;
    token.networks = request.networks;
    token.audiences = request.audiences;
    token.idle_limit = request.idle_limit;
    token.meta = request.meta;
    token.format = request.format;
    if (m_maker) {
      narrow(token, *m_maker);
    }
    if (token.format == TokenFormat::jwt && token.audiences.empty()) {
      token.audiences = {m_authority.m_store.info().issuer}; // a JWT says whom it is for, and then it is for no others
    }
    token.expires_at = allowed_end(request.ending, m_policy, m_maker ? m_maker->expires_at : std::nullopt, now);
    if (state_of(token, m_authority.now()) == TokenState::expired) {
      throw Error(Errc::usage, "the token would be expired from the start: the clock was set back",
                  "set the clock; or, if it was wrong before: caplet store check --accept-clock");
    }
    if (token.not_before && token.expires_at && *token.expires_at <= *token.not_before) {
      throw Error(Errc::usage, "the token would expire before it becomes valid", "give it a later expiry: -e");
    }
    return token;
  }

  void draw(Token& token, Secret& secret) {
    const std::string_view prefix = m_authority.m_store.info().prefix;
    if (secret.size() != token_length(prefix)) {
      secret = Secret(token_length(prefix));
    }
    draw_token_into({reinterpret_cast<char*>(secret.data().data()), secret.size()}, prefix, token.kind, token.id,
                    m_digits);
    token.digest = m_authority.m_store.token_digest(secret.text());
  }

  void sign(Token& token, Secret& secret) {
    if (!m_signer) {
      m_signer = m_authority.signer(*m_change, m_actor);
    }
    secret = m_authority.sign(token, *m_signer);
  }

  Authority& m_authority;
  const Actor& m_actor;
  std::unique_ptr<Transaction> m_change;
  Policy m_policy;
  Seats m_seats;
  std::optional<Token> m_maker;
  std::optional<Signer> m_signer;
  base62::Digits m_digits;
  std::uint64_t m_minted = 0;
};

Issued Authority::issue(const Actor& actor, const TokenRequest& request) {
  require_management(actor, "create tokens");
  check(request); // before the store is locked
  Minting minting(*this, actor);
  Secret secret;
  Token token = minting.add(request, secret);
  minting.commit();
  return {std::move(token), std::move(secret)};
}

Token Authority::preview(const Actor& actor, const TokenRequest& request) {
  require_management(actor, "create tokens");
  Secret secret;
  return Minting(*this, actor).add(request, secret);
}

void Authority::issue_all(const Actor& actor, const NextRequest& next, const ToldOfToken& made, Trial trial) {
  require_management(actor, "create tokens");
  auto request = next(); // before the store is locked: the first may take its time
  if (!request) {
    return;
  }
  Minting minting(*this, actor);
  Secret secret; // one for all: locked pages for each would cost more than all else
  for (; request; request = next()) {
    const Token token = minting.add(*request, secret);
    made(token, secret.text());
  }
  if (trial == Trial::no) {
    minting.commit();
  }
}

void Authority::withdraw(const Actor& actor, const Token& token) {
  revoke(actor, token.id, {"the secret could not be handed over"});
}

} // namespace caplet
