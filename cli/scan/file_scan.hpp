#pragma once

#include "cli/scan/found_tokens.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace caplet {

/// What came of one file.
struct FileOutcome {
  bool read = false; ///< it was there
  std::uint64_t bytes = 0;
  bool skipped = false; ///< a binary above the size
  std::string problem;  ///< why it could not be read to its end; empty where it was
};

inline constexpr std::uint64_t k_any_size = std::numeric_limits<std::uint64_t>::max();

/// Looks for tokens in files, one after the other, in memory of a fixed size. Files may change, grow and shrink
/// meanwhile: they are read, never mapped. Threads: one each.
class FileScan {
public:
  /// Takes what was found; for one file more than once where there is much, at its end in any case with the rest.
  using Deliver = std::function<void(FoundTokens&& findings)>;

  FileScan(const Wanted& wanted, const std::atomic<bool>& stop);

  /// From the descriptor's place to its end, or until `stop`. A file with a zero byte near its start that is larger
  /// than `largest_binary` is passed over.
  FileOutcome scan(int fd, std::uint64_t largest_binary, const Deliver& deliver);

private:
  const Wanted& m_wanted;
  const std::atomic<bool>& m_stop;
  const Deliver* m_deliver = nullptr;
  FoundTokens m_findings;
  TokenFinder m_finder;
  Secret m_buffer;
};

} // namespace caplet
