// The end of tokens. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <map>

namespace caplet {
namespace {

/// The ids of the live tokens that `root` has minted, and of those that they have, in the order they were made.
std::vector<std::string> descendants_of(Records& records, const Token& root) {
  if (root.children == 0) { // most have none, and there may be many tokens to look at
    return {};
  }
  std::map<std::string, std::vector<std::string>, std::less<>> minted;
  records.each_token([&](const Token& token) {
    if (!token.created_by.empty() && token.account == root.account) {
      minted[token.created_by].push_back(token.id);
    }
    return true;
  });
  std::vector<std::string> ids;
  const auto add_children = [&](std::string_view maker) {
    if (const auto found = minted.find(maker); found != minted.end()) {
      ids.insert(ids.end(), found->second.begin(), found->second.end());
      minted.erase(found);
    }
  };
  add_children(root.id);
  std::size_t next = 0;
  while (next < ids.size()) { // it grows meanwhile
    add_children(std::string(ids[next++]));
  }
  return ids;
}

} // namespace

std::vector<Token> Authority::descendants(const Actor& actor, const Token& token) {
  require(actor, "token:read", "read tokens");
  std::vector<Token> live;
  for (const std::string& id : descendants_of(m_store, token)) {
    if (auto child = m_store.token(id); child && !child->revoked_at) {
      live.push_back(std::move(*child));
    }
  }
  return live;
}

Revoked Authority::revoke(const Actor& actor, std::string_view selector, const Revocation& revocation) {
  require_own(actor, selector, "delete tokens");
  try {
    return revoke_once(actor, selector, revocation);
  } catch (const Error& e) {
    if (e.code() != Errc::full || !m_store.release_reserve()) {
      throw;
    }
  }
  return revoke_once(actor, selector, revocation);
}

Revoked Authority::revoke_once(const Actor& actor, std::string_view selector, const Revocation& revocation) {
  const auto change = m_store.begin();
  Revoked revoked{find_own(*change, actor, selector, "delete"), {}};
  if (revoked.token.revoked_at) {
    return revoked;
  }
  const Instant now = m_clock.now();
  const auto end = [&](Token& token, std::string_view reason) {
    token.revoked_at = now;
    change->update(token);
    Event entry = event(actor, action_of(token.kind, "revoke"), token);
    entry.reason = reason;
    change->append(entry);
  };
  end(revoked.token, revocation.reason);
  if (revocation.children == Revocation::Children::revoked) {
    for (const std::string& id : descendants_of(*change, revoked.token)) {
      auto child = change->token(id);
      if (child && !child->revoked_at) {
        end(*child, fmt::format("with {}, which minted it", revoked.token.id));
        revoked.children.push_back(std::move(*child));
      }
    }
  }
  change->commit();
  return revoked;
}

Revoked Authority::would_revoke(const Actor& actor, std::string_view selector, Revocation::Children children) {
  require_own(actor, selector, "delete tokens");
  Revoked would{find_own(m_store, actor, selector, "delete"), {}};
  if (!would.token.revoked_at && would.token.children > 0 && children == Revocation::Children::revoked) {
    would.children = descendants(actor, would.token);
  }
  return would;
}

std::uint64_t Authority::prune(const Actor& actor, Instant before) {
  if (actor.kind != Actor::Kind::owner) {
    refuse(actor, "prune tokens", "only the owner may");
  }
  const auto change = m_store.begin();
  std::vector<std::string> ids;
  change->each_token([&](const Token& token) {
    if (token.account == actor.account && token.revoked_at && *token.revoked_at < before) {
      ids.push_back(token.id);
    }
    return true;
  });
  if (ids.empty()) {
    return 0;
  }
  for (const std::string& id : ids) {
    change->remove(id);
  }
  Event entry = event(actor, "account.token.prune", {});
  entry.reason = fmt::format("{} revoked before {}", ids.size(), format_rfc3339(before));
  change->append(entry);
  change->commit();
  return ids.size();
}

} // namespace caplet
