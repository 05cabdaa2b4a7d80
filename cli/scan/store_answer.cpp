#include "cli/scan/store_answer.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/token.hpp"

#include <fmt/format.h>

namespace caplet {
namespace {

/// For the audit log: a text that check_description() takes, whatever the file is called.
std::string reason_for(const Place& place, const FoundToken& finding) {
  for (const std::size_t most : {std::size_t{180}, std::size_t{25}}) { // an escaped character takes up to nine
    std::string reason = fmt::format("found by scan in {}:{}", escape(to_text(place), most), finding.line);
    try {
      check_description(reason, "reason");
      return reason;
    } catch (const Error&) { // NOLINT(bugprone-empty-catch): a name of a file need not be fit for it
    }
  }
  return "found by scan";
}

/// What leaked is live although it may not be used from here, for others, or not yet.
StoreAnswer::State state_of(Reason reason) {
  switch (reason) {
  case Reason::revoked:
    return StoreAnswer::State::revoked;
  case Reason::expired:
    return StoreAnswer::State::expired;
  case Reason::exhausted:
    return StoreAnswer::State::exhausted;
  default:
    return StoreAnswer::State::live;
  }
}

} // namespace

std::string_view to_string(StoreAnswer::State state) noexcept {
  switch (state) {
  case StoreAnswer::State::live:
    return "live";
  case StoreAnswer::State::revoked:
    return "revoked";
  case StoreAnswer::State::expired:
    return "expired";
  case StoreAnswer::State::exhausted:
    return "exhausted";
  case StoreAnswer::State::unknown:
    break;
  }
  return "unknown";
}

StoreAnswer StoreQuestions::ask(const Place& place, const FoundToken& finding, std::string_view token) {
  const Verdict verdict = m_authority.verify(token);
  StoreAnswer answer;
  if (!verdict.token) {
    return answer;
  }
  if (m_tells_names) {
    answer.name = verdict.token->name;
  }
  answer.state = state_of(verdict.reason);
  if (answer.state == StoreAnswer::State::live && m_revoking == Revoking::yes && !m_failed.contains(finding.id)) {
    revoke(place, finding, answer);
  }
  answer.was_revoked = m_revoked.contains(finding.id);
  return answer;
}

void StoreQuestions::revoke(const Place& place, const FoundToken& finding, StoreAnswer& answer) {
  try {
    const Revoked gone = m_authority.revoke(m_actor, finding.id, {reason_for(place, finding)});
    m_revoked.insert(finding.id);
    for (const Token& child : gone.children) { // was live, too, where it is found later
      m_revoked.insert(child.id);
    }
    answer.state = StoreAnswer::State::revoked;
  } catch (const Error& e) {
    if (e.code() != Errc::denied) {
      throw; // the store failed: so would all others
    }
    m_failed.insert(finding.id);
    answer.failure = e.what();
  }
}

} // namespace caplet
