#pragma once

#include "store/files.hpp"

#include <sys/types.h>

#include <filesystem>

namespace caplet {

/// Waits until somebody may have changed a file: inotify on its directory, where SQLite's journal is made, written or
/// removed with each change, and a look each second for file systems that do not tell (NFS).
class FileWatch {
public:
  explicit FileWatch(std::filesystem::path file);

  /// Comes back when something happened in the directory, or after a second. Throws BrokenPipe where the reader of
  /// `out` has gone away meanwhile.
  void wait(int out) const;
  /// Whether another file has the name now.
  bool is_replaced() const;

private:
  std::filesystem::path m_file;
  Fd m_inotify; ///< not open where the kernel has none to give: then it looks more often
  dev_t m_device = 0;
  ino_t m_inode = 0;
};

} // namespace caplet
