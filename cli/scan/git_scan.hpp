#pragma once

#include "cli/scan/found_tokens.hpp"
#include "cli/scan/place.hpp"
#include "core/environment.hpp"
#include "core/progress.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace caplet {

/// Takes what was found: where, what, and the token itself where it is wanted.
using TellFound = std::function<void(const Place& place, const FoundToken& finding, std::string_view text)>;

struct GitTotals {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::string problem; ///< why not all could be read; empty where it was
};

/// Every object that a repository has, whether a branch still leads to it or not: contents of files, messages of
/// commits and tags, names of files. Each finding is told once for each object, with the first commit and path that had
/// it, in the order of history; what no commit leads to comes last. It is a problem where history leads to what is not
/// here: in a shallow clone, a partial one, a damaged one. Throws Error{undecided} where this is no repository.
GitTotals scan_history(const Environment& environment, const std::string& directory, const Wanted& wanted,
                       const TellFound& tell, const Progress& progress);

/// What the next commit would add: tokens in staged files that no file had there before. For a pre-commit hook. Throws
/// Error{undecided} where it cannot be told.
GitTotals scan_staged(const Environment& environment, const std::string& directory, const Wanted& wanted,
                      const TellFound& tell);

} // namespace caplet
