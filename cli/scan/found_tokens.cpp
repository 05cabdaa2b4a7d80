#include "cli/scan/found_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace caplet {

std::string FoundToken::redacted() const { return fmt::format("{}_{}_{}_***", prefix, to_string(kind), id); }

bool Wanted::accepts(const TokenParts& parts) const {
  return (prefixes.empty() || std::find(prefixes.begin(), prefixes.end(), parts.prefix) != prefixes.end()) &&
         !allowed.contains(parts.id);
}

void FoundTokens::add(const TokenSighting& sighting, std::size_t source, bool keep_text) {
  if (keep_text) {
    if (m_texts.empty()) {
      m_texts = Secret(k_most * k_longest_token);
    }
    std::copy(sighting.text.begin(), sighting.text.end(), m_texts.data().subspan(size() * k_longest_token).begin());
  }
  m_findings.push_back({std::string(sighting.parts.prefix), sighting.parts.kind, std::string(sighting.parts.id),
                        sighting.offset, sighting.line, sighting.column, source});
}

std::string_view FoundTokens::text(std::size_t index) const {
  const std::size_t length = token_length(m_findings[index].prefix);
  return m_texts.text().substr(index * k_longest_token, length);
}

} // namespace caplet
