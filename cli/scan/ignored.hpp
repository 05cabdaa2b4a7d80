#pragma once

#include "core/environment.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// The nearest directory, this one or above, that has a `.git`; nothing where there is none.
std::optional<std::filesystem::path> work_tree_above(const std::filesystem::path& directory);

/// What git ignores below `directory` (.gitignore, .git/info/exclude, core.excludesFile), as paths within it without a
/// slash at the end: files, and directories that are ignored as a whole. A tracked file is never ignored. Where the
/// directory itself is ignored, nothing is: somebody named it. Throws Error{undecided} where git cannot tell.
/// REQUIRES: `directory` is `work_tree` or below, both real paths.
std::vector<std::string> ignored_paths(const Environment& environment, const std::filesystem::path& work_tree,
                                       const std::filesystem::path& directory);

} // namespace caplet
