#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

class Arguments;

/// A word that may stand where the cursor is, and what it means.
struct Candidate {
  std::string value;
  std::string text;
};

/// What lies in the store and may be completed. At most one is asked, and only where such a word may stand. `given`:
/// the options that were typed before it, which say who asks. None is asked where one of these means nothing.
struct KnownNames {
  using Ask = std::function<std::vector<Candidate>(std::string_view prefix, const Arguments& given)>;
  Ask tokens;
  Ask functions;
  Ask scopes;
  Ask profiles;
  Ask slots;
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
