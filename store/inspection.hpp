#pragma once

#include "store/location.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace caplet {

/// Something that others could reach, and what to do about it.
struct FileFlaw {
  std::filesystem::path path;
  std::string what;
  std::string remedy;
};

/// What was seen of a store's files without opening it.
struct FileInspection {
  std::vector<std::filesystem::path> looked_at; ///< files and directories that are there
  std::vector<FileFlaw> flaws;
  bool key_beside_store = false; ///< in one directory: whoever copies that has both
  bool has_anchor = false;
  std::vector<std::filesystem::path> old_formats; ///< copies that a migration has kept
};

/// Looks at the store, its key, its anchor, what lies beside them, and the directories that they are in. Throws nothing
/// of them: what cannot be looked at is a flaw.
FileInspection inspect_files(const Location& location);

} // namespace caplet
