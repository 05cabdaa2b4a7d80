#pragma once

#include "cli/scan/scan_pool.hpp"
#include "cli/scan/tree_walk.hpp"
#include "core/environment.hpp"

#include <string>
#include <vector>

namespace caplet {

/// What is to be scanned.
struct FilesWanted {
  std::vector<std::string> paths; ///< files, directories, `-`
  std::vector<std::string> excluded;
  Ignored ignored = Ignored::skip;
  std::uint64_t largest_binary = k_any_size; ///< in directories: a file that is named is scanned
};

/// Names them all to the pool, in the order of the paths and of their names. REQUIRES: it is the pool's naming thread.
void name_files(const Environment& environment, const FilesWanted& wanted, ScanPool& pool);

} // namespace caplet
