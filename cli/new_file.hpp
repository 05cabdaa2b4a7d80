#pragma once

#include "cli/output.hpp"
#include "store/files.hpp"

#include <filesystem>
#include <string>

namespace caplet {

/// A file that a command writes its answer to: new, for this user alone (0600), complete and durable or not at all. It
/// is written under a random name beside its own, and gone with this object unless finish() was called.
class NewFile {
public:
  /// Throws Error{exists} where there is something of this name, Error{failed}.
  explicit NewFile(const std::filesystem::path& path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  Output& out() noexcept { return m_out; }
  /// Writes it to the disk, still without its name: what is left for finish() hardly fails. Throws Error{output}.
  void make_durable();
  /// Leaves it under its random name, which is returned: what is in it is not to be lost.
  std::filesystem::path keep_unfinished() noexcept;
  /// Throws Error{output, exists, unavailable, full}.
  void finish();

private:
  std::filesystem::path m_path;
  std::string m_temporary;
  Fd m_file;
  Output m_out;
};

} // namespace caplet
