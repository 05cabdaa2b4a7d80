#pragma once

#include "cli/scan/beneath.hpp"
#include "core/environment.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace caplet {

/// Whether what git ignores is left out.
enum class Ignored : std::uint8_t { skip, scan };

/// Names every regular file of a tree, always in the same order. Symbolic links are not followed, so there are no
/// loops; pipes, sockets and devices are passed over, and so is what vanishes meanwhile. Of a `.git`, the `objects` are
/// left out: they are compressed (see GitHistory), the rest of it is text that can hold a token. The tree may be
/// hostile.
class TreeWalk {
public:
  /// What it tells. Paths are within the tree. A visit that answers false ends the walk.
  struct Visitor {
    std::function<bool(const std::string& path)> file;
    std::function<bool(const std::string& path, const std::string& problem)> unreadable;
    std::function<bool(const std::string& path, const std::string& problem)> warning; ///< nothing is left out for it
  };

  /// `excluded` are patterns of fnmatch(3): with a slash for a path within the tree, without one for a name anywhere.
  TreeWalk(const Environment& environment, std::string top, std::shared_ptr<const Beneath> beneath, Ignored ignored,
           const std::vector<std::string>& excluded, Visitor visitor);

  void walk();

private:
  struct Entry {
    std::string path;
    bool is_directory;
  };

  bool list(const std::string& directory, std::vector<Entry>& entries);
  bool is_excluded(const std::string& path, const std::string& name) const;
  bool learn_ignored(const std::string& directory);

  const Environment& m_environment;
  std::string m_top;
  std::shared_ptr<const Beneath> m_beneath;
  Ignored m_ignored;
  const std::vector<std::string>& m_excluded;
  Visitor m_visitor;
  std::unordered_set<std::string> m_ignored_paths;
};

} // namespace caplet
