#pragma once

#include "store/location.hpp"

#include <string>

namespace caplet::fuzz {

/// A small store, the same in every run, and an older copy of it: what somebody starts from who can write the file and
/// has no key. In a directory of its own under TMPDIR, which is best one in memory.
struct Scene {
  Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  /// Puts a file in the store's place, and what lay beside it back to what it was.
  void put(const std::string& bytes) const;
  /// Opens the store and asks it everything. It answers as it did before somebody wrote to it (or, where nothing
  /// outside the file remembers better, as the older copy did), or refuses with an Error of a kind that says so.
  void check() const;

  Location location;
  Location older;          ///< before the last changes
  std::string whole;       ///< the file's bytes
  std::string older_whole; ///< the older file's bytes

private:
  std::string answers() const;

  std::vector<std::string> m_tokens;
  std::string m_expected;
  std::string m_older_expected;
};

} // namespace caplet::fuzz
