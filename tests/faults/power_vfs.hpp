#pragma once

#include "tests/faults/power_disk.hpp"

#include <sqlite3.h>

#include <optional>

namespace caplet::test {

/// SQLite's ordinary VFS, with a PowerDisk that follows what it does, and a moment at which the power is cut: from then
/// on every call fails. While this object lives it is the default VFS. REQUIRES: one at a time, and no connection
/// outlives it.
class PowerVfs {
public:
  explicit PowerVfs(PowerDisk::Honours honours);
  PowerVfs(const PowerVfs&) = delete;
  PowerVfs& operator=(const PowerVfs&) = delete;
  ~PowerVfs();

  /// Cuts the power at the operation of this number: before it, or while it is done.
  void cut_at(int operation, std::uint32_t seed, PowerDisk::Fate fate = PowerDisk::Fate::drawn);
  /// SQLite's ordinary VFS is the default again.
  void leave();
  bool is_cut() const { return m_contents.has_value(); }
  /// How many operations that change files there were.
  int operations() const { return m_operations; }
  /// What is left, by file name. REQUIRES: is_cut()
  const std::map<std::string, std::string>& contents() const { return *m_contents; }

private:
  struct OpenFile;
  struct Methods;

  /// Whether an operation goes on; `change` is what it does to the disk.
  template <typename Change>
  bool operate(const Change& change);

  PowerDisk m_disk;
  sqlite3_vfs* m_real;
  sqlite3_vfs m_vfs;
  int m_operations = 0;
  int m_cut_at = 0;
  std::uint32_t m_seed = 0;
  PowerDisk::Fate m_fate = PowerDisk::Fate::drawn;
  std::optional<std::map<std::string, std::string>> m_contents;
};

} // namespace caplet::test
