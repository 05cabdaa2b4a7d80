// What each check found, in words. Declared in authority.hpp.

#include "core/authority.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fmt/format.h>

#include <utility>

namespace caplet {
namespace {

using Words = std::pair<std::string, std::string>; ///< what was found, and what would make it pass

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += (list.empty() ? "" : " ") + escape(text);
  }
  return list;
}

std::string list_of(const std::vector<Network>& networks) {
  std::string list;
  for (const Network& network : networks) {
    list += (list.empty() ? "" : " ") + to_text(network);
  }
  return list;
}

std::string time_of(Instant time) { return format_rfc3339(std::chrono::floor<std::chrono::seconds>(time)); }

std::string cure_of_expiry(const Token& token, const Policy& policy, Instant now) {
  if (token.revoked_at) {
    return "another token: caplet token create -n NAME";
  }
  if (token.expires_at && *token.expires_at <= now) {
    return fmt::format("a new secret with a new expiry: caplet token rotate {} -e {}", token.id,
                       duration_text(usual_lifetime(policy)));
  }
  return fmt::format("a new secret, with which its idle time begins anew: caplet token rotate {}", token.id);
}

Words expiry_words(const Token& token, bool fails, std::string cure) {
  const auto end = end_of(token);
  if (!end) {
    return {"it never expires", {}};
  }
  const bool idle = end != token.expires_at;
  return {fmt::format("{} {}{}", fails ? "it expired on" : "it expires on", time_of(*end),
                      idle ? fmt::format(", unused for {}", duration_text(token.idle_limit)) : ""),
          std::move(cure)};
}

Words revoked_words(const Token& token, Generation generation) {
  if (token.revoked_at) {
    return {fmt::format("it was revoked on {}", time_of(*token.revoked_at)),
            "another token: caplet token create -n NAME"};
  }
  switch (generation) {
  case Generation::retired:
    return {"its secret was replaced by a rotation", "the token's new secret"};
  case Generation::previous:
    return {fmt::format("its secret was replaced, and is good until {}",
                        token.previous->until == PreviousSecret::k_open_end ? "the new one is first used"
                                                                            : time_of(token.previous->until)),
            {}};
  case Generation::current:
    break;
  }
  return {"it was not revoked", {}};
}

Words network_words(const Token& token, const Presented& presented) {
  if (token.networks.empty()) {
    return {"it is good from every address", {}};
  }
  return {fmt::format("it is good from {}; {}", list_of(token.networks),
                      presented.address ? fmt::format("the address is {}", to_text(*presented.address))
                                        : "the address is not known"),
          presented.address ? "a call from one of its networks" : "say the caller's address: --ip ADDRESS"};
}

Words audience_words(const Token& token, const Presented& presented, std::string_view issuer) {
  if (token.audiences.empty()) {
    return {"it is good for every audience", {}};
  }
  return {fmt::format("it is good for {}; asked for by {}", list_of(token.audiences),
                      escape(presented.audience.value_or(std::string(issuer)))),
          "say who asks: --audience NAME, one of its audiences"};
}

Words scope_words(const Token& token, const Presented& presented) {
  if (presented.scopes.empty()) {
    return {"no scope is asked for", {}};
  }
  if (token.kind == TokenKind::pat) {
    return {"a personal token may do everything", {}};
  }
  return {fmt::format("it has {}; asked for: {}", list_of(token.scopes), list_of(presented.scopes)),
          "a token with the scopes that are asked for: caplet token create -n NAME -s SCOPE"};
}

} // namespace

Check Authority::described(Reason reason, const Verdict& verdict, const Presented& presented, Instant now) const {
  Check check{reason, Check::Outcome::not_reached, {}, {}};
  const auto say = [&](bool fails, Words words) {
    check.outcome = fails ? Check::Outcome::failed : Check::Outcome::passed;
    check.found = std::move(words.first);
    check.remedy = fails ? std::move(words.second) : std::string();
  };
  if (reason == Reason::malformed) {
    const bool fails = verdict.reason == Reason::malformed;
    say(fails, {fails ? verdict.detail : "its form is right", "the whole token as it was made"});
    return check;
  }
  if (verdict.reason == Reason::malformed) {
    return check;
  }
  if (reason == Reason::unknown) {
    const bool fails = verdict.reason == Reason::unknown;
    say(fails, {fails ? "this store has no such id and secret" : "this store made it, and its secret is right",
                "a token of this store: check CAPLET_HOME"});
    return check;
  }
  if (!verdict.token) {
    return check;
  }
  const Token& token = *verdict.token;
  const bool fails = this->fails(reason, token, verdict.generation, presented, now);
  switch (reason) {
  case Reason::revoked:
    say(fails, revoked_words(token, verdict.generation));
    break;
  case Reason::expired:
    say(fails, expiry_words(token, fails, fails ? cure_of_expiry(token, m_store.policy(), now) : std::string()));
    break;
  case Reason::not_yet_valid:
    say(fails, {token.not_before ? fmt::format("it is good from {} on", time_of(*token.not_before))
                                 : "it was good from the start",
                "wait until then"});
    break;
  case Reason::exhausted:
    say(fails, {token.uses_limit > 0 ? fmt::format("{} of {} uses are used up", token.uses, token.uses_limit)
                                     : "its uses are not limited",
                "another token: caplet token create -n NAME --uses N"});
    break;
  case Reason::network:
    say(fails, network_words(token, presented));
    break;
  case Reason::audience:
    say(fails, audience_words(token, presented, m_store.info().issuer));
    break;
  case Reason::scope:
    say(fails, scope_words(token, presented));
    break;
  case Reason::ok:
  case Reason::malformed:
  case Reason::unknown:
    break;
  }
  return check;
}

} // namespace caplet
