#include "core/held_notes.hpp"

#include "core/denial.hpp"

#include <algorithm>

namespace caplet {

void HeldNotes::clear() noexcept {
  m_uses.clear();
  m_refusals.clear();
}

void HeldNotes::use(const Verdict& verdict, Instant now) {
  Use& use = m_uses[verdict.token->id];
  use.at = now;
  use.scopes_asked |= verdict.scopes_asked;
}

void HeldNotes::refusal(const Event& event) {
  const auto known = std::find_if(m_refusals.begin(), m_refusals.end(),
                                  [&](const Refusal& each) { return Denials::same_kind(each.event, event); });
  if (known != m_refusals.end()) {
    ++known->times;
  } else {
    m_refusals.push_back({event, 1});
  }
}

} // namespace caplet
