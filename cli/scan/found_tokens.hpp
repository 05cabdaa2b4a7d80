#pragma once

#include "core/secret.hpp"
#include "core/token_finder.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// A token that was found, without its secret.
struct FoundToken {
  std::string prefix;
  TokenKind kind = TokenKind::pat;
  std::string id;
  std::uint64_t offset = 0;
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::size_t source = 0; ///< which of several things it was found in

  /// `cpl_pat_Jd2R9cUrIdoI_***`
  std::string redacted() const;
};

/// What is looked for.
struct Wanted {
  std::vector<std::string> prefixes;          ///< none: any
  std::set<std::string, std::less<>> allowed; ///< ids that are no finding
  bool keep_text = false;                     ///< the store is to be asked for each

  bool accepts(const TokenParts& parts) const;
};

/// Some findings, in order, and where it is wanted their texts, in locked memory: a piece at a time, for there may be
/// millions.
class FoundTokens {
public:
  static constexpr std::size_t k_most = 256;

  bool empty() const noexcept { return m_findings.empty(); }
  bool full() const noexcept { return m_findings.size() == k_most; }
  std::size_t size() const noexcept { return m_findings.size(); }
  const FoundToken& operator[](std::size_t index) const { return m_findings[index]; }

  /// REQUIRES: !full(); `keep_text` is the same each time.
  void add(const TokenSighting& sighting, std::size_t source, bool keep_text);
  /// The whole token. REQUIRES: it was kept.
  std::string_view text(std::size_t index) const;

private:
  std::vector<FoundToken> m_findings;
  Secret m_texts;
};

} // namespace caplet
