#pragma once

#include "core/token.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace caplet {

/// Tokens that are shown again and again, as they were read from the store: what SQLite's cache is to its pages. Found
/// by the digest of their secret, so that nobody who does not have that is answered from here, and how long an answer
/// takes tells such a one nothing. Each stands for one state of the file (Database::data_version()): whoever asks sees
/// to it that this is still the one. At most k_most, and those alone that were shown twice. Threads: one at a time.
class KnownTokens {
public:
  static constexpr std::size_t k_most = 4096;

  /// The token whose secret has this digest, as it was at `version`; null where it is not known.
  const Token* find(const Digest& digest, std::uint32_t version) const noexcept;
  /// Whether it is worth asking what version there is now.
  bool may_have(const Digest& digest) const noexcept;
  /// Keeps a token from the second time on, in place of another whose turn it was.
  void remember(const Token& token, std::uint32_t version);

private:
  struct Slot {
    std::uint64_t shown = 0; ///< the beginning of the digest that was shown last
    std::uint64_t kept = 0;  ///< the same of the token that is kept
    std::uint32_t version = 0;
    std::unique_ptr<Token> token;
  };

  std::vector<Slot> m_slots; ///< none before the first is remembered
};

} // namespace caplet
