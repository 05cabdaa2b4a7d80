#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// A word that may stand where the cursor is, and what it means.
struct Candidate {
  std::string value;
  std::string text;
};

/// What lies in the store and may be completed. Each is asked at most once, and only where such a word may stand.
struct KnownNames {
  std::function<std::vector<Candidate>(std::string_view prefix)> tokens;
  std::function<std::vector<Candidate>(std::string_view prefix)> functions;
  std::function<std::vector<Candidate>(std::string_view prefix)> scopes;
};

/// What the shell is told: candidates, and what it knows better itself.
struct Completion {
  std::vector<Candidate> candidates;
  std::string leave_to_shell; ///< `files`, `directories`, `command N` (another's command line from word N on), or empty
};

/// What may stand in place of the last word of a command line (without the program's name), from the table of commands.
/// Unknown words and open ends give nothing.
Completion complete(std::span<const std::string> words, const KnownNames& names);

} // namespace caplet
