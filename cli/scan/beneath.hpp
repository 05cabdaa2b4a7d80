#pragma once

#include "store/files.hpp"

#include <string>

namespace caplet {

/// A directory, and the way to what is in it and nowhere else.
class Beneath {
public:
  /// `path` may be a link: somebody named it. Throws Error{undecided} where it cannot be opened.
  explicit Beneath(const std::string& path);

  /// Opens what has this path within the directory for reading, `.` for itself. No symbolic link is followed, not even
  /// within the path, and nothing is waited for (a pipe, a device). -1 and errno where that fails; the flags are added.
  Fd open(const std::string& path, int flags = 0) const;

private:
  Fd m_directory;
};

} // namespace caplet
