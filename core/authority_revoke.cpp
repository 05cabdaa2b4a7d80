// The end of tokens. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/error.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

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

/// What is left of the uses that a token's maker gave it is the maker's again.
void give_back_uses(Transaction& change, const Token& token) {
  const std::uint64_t left = std::min(token.uses_taken, token.uses_limit - std::min(token.uses, token.uses_limit));
  auto maker = left > 0 ? change.token(token.created_by) : std::nullopt;
  if (maker && !maker->revoked_at) {
    maker->uses -= std::min(left, maker->uses);
    change.update(*maker);
  }
}

/// Gives what the tokens that are to go have minted, and that stays, to the one which minted them, so that it goes with
/// that one still. `makers`: of each that is to go, who minted it.
void adopt(Transaction& change, const std::map<std::string, std::string, std::less<>>& makers) {
  std::vector<std::string> orphans;
  change.each_token([&](const Token& token) {
    if (makers.contains(token.created_by) && !makers.contains(token.id)) {
      orphans.push_back(token.id);
    }
    return true;
  });
  for (const std::string& id : orphans) {
    Token orphan = *change.token(id);
    for (auto found = makers.find(orphan.created_by); found != makers.end(); found = makers.find(orphan.created_by)) {
      orphan.created_by = found->second; // a token is younger than its maker: this ends
    }
    change.update(orphan);
    if (auto maker = change.token(orphan.created_by)) {
      ++maker->children;
      change.update(*maker);
    }
  }
}

/// The live tokens with a secret that this one, or one of those that it has minted, has given them; those are not among
/// them.
std::vector<Token> rotated_by_any(Records& records, const Token& root, const std::vector<std::string>& minted,
                                  Instant now) {
  std::set<std::string, std::less<>> ids(minted.begin(), minted.end());
  std::uint64_t rotations = root.rotations;
  for (const std::string& id : minted) {
    const auto token = records.token(id);
    rotations += token ? token->rotations : 0;
  }
  ids.insert(root.id);
  std::vector<Token> rotated;
  if (rotations == 0) { // as most have done none, and there may be many tokens to look at
    return rotated;
  }
  records.each_token([&](const Token& each) {
    const bool has_one = ids.contains(each.rotated_by) ||
                         (each.previous && now < each.previous->until && ids.contains(each.previous->rotated_by));
    if (has_one && !each.revoked_at && !ids.contains(each.id)) {
      rotated.push_back(each);
    }
    return true;
  });
  return rotated;
}

} // namespace

std::vector<Token> Authority::rotated_by(const Actor& actor, const Token& token) {
  require(actor, "token:read", "read tokens");
  return rotated_by_any(m_store, token, descendants_of(m_store, token), now());
}

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
  Revoked revoked{find_own(*change, actor, selector, "delete"), {}, {}};
  const Instant now = m_clock.now();
  const auto end = [&](Token& token, std::string_view reason) {
    token.revoked_at = now;
    change->update(token);
    give_back_uses(*change, token);
    Event entry = event(actor, action_of(token.kind, "revoke"), token);
    entry.reason = reason;
    change->append(entry);
  };
  const bool was_revoked = revoked.token.revoked_at.has_value();
  if (!was_revoked) {
    end(revoked.token, revocation.reason);
  }
  std::vector<std::string> minted;
  if (revocation.children == Revocation::Children::revoked) {
    minted = descendants_of(*change, revoked.token);
    for (const std::string& id : minted) {
      auto child = change->token(id);
      if (child && !child->revoked_at) {
        end(*child, fmt::format("with {}, which minted it", revoked.token.id));
        revoked.children.push_back(std::move(*child));
      }
    }
  }
  revoked.rotated = rotated_by_any(*change, revoked.token, minted, now);
  if (!was_revoked || !revoked.children.empty()) {
    change->commit();
  }
  return revoked;
}

Revoked Authority::would_revoke(const Actor& actor, std::string_view selector, Revocation::Children children) {
  require_own(actor, selector, "delete tokens");
  Revoked would{find_own(m_store, actor, selector, "delete"), {}, {}};
  std::vector<std::string> minted;
  if (children == Revocation::Children::revoked) {
    minted = descendants_of(m_store, would.token);
    for (const std::string& id : minted) {
      if (auto child = m_store.token(id); child && !child->revoked_at) {
        would.children.push_back(std::move(*child));
      }
    }
  }
  would.rotated = rotated_by_any(m_store, would.token, minted, now());
  return would;
}

std::uint64_t Authority::prune(const Actor& actor, Instant before) {
  if (actor.kind != Actor::Kind::owner) {
    refuse(actor, "prune tokens", "only the owner may");
  }
  const auto change = m_store.begin();
  std::map<std::string, std::string, std::less<>> makers; // of what goes
  change->each_token([&](const Token& token) {
    if (token.account == actor.account && token.revoked_at && *token.revoked_at < before) {
      makers.emplace(token.id, token.created_by);
    }
    return true;
  });
  if (makers.empty()) {
    return 0;
  }
  adopt(*change, makers);
  for (const auto& [id, maker] : makers) {
    change->remove(id);
  }
  Event entry = event(actor, "account.token.prune", {});
  entry.reason = fmt::format("{} revoked before {}", makers.size(), format_rfc3339(before));
  change->append(entry);
  change->commit();
  return makers.size();
}

} // namespace caplet
