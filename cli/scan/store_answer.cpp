#include "cli/scan/store_answer.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/token.hpp"

#include <fmt/format.h>

namespace caplet {
namespace {

/// For the audit log: a text that check_description() takes, whatever the file is called.
std::string reason_for(const Place& place, const Finding& finding) {
  for (const std::size_t most : {std::size_t{180}, std::size_t{25}}) { // an escaped character takes up to nine
    const std::string reason = fmt::format("found by scan in {}:{}", escape(to_text(place), most), finding.line);
    try {
      check_description(reason, "reason");
      return reason;
    } catch (const Error&) { // NOLINT(bugprone-empty-catch): a name of a file need not be fit for it
    }
  }
  return "found by scan";
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
  case StoreAnswer::State::unknown:
    break;
  }
  return "unknown";
}

StoreAnswer StoreQuestions::ask(const Place& place, const Finding& finding, std::string_view token) {
  const Verdict verdict = m_authority.verify(token);
  StoreAnswer answer;
  if (!verdict.token) {
    return answer;
  }
  answer.name = verdict.token->name;
  // By its own state, not by the verdict: what has leaked is live although it may not be used from here.
  switch (state_of(*verdict.token, m_authority.now())) {
  case TokenState::revoked:
    answer.state = StoreAnswer::State::revoked;
    break;
  case TokenState::expired:
    answer.state = StoreAnswer::State::expired;
    break;
  default:
    answer.state = StoreAnswer::State::live;
  }
  if (answer.state == StoreAnswer::State::live && m_revoking == Revoking::yes) {
    m_authority.revoke(m_actor, finding.id, reason_for(place, finding));
    m_revoked.insert(finding.id);
    answer.state = StoreAnswer::State::revoked;
  }
  answer.was_revoked = m_revoked.contains(finding.id);
  return answer;
}

} // namespace caplet
