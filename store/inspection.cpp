#include "store/inspection.hpp"

#include "core/error.hpp"
#include "store/files.hpp"
#include "store/migration.hpp"
#include "store/schema.hpp"

#include <functional>
#include <set>
#include <string_view>

namespace caplet {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

class Inspector {
public:
  bool file(const fs::path& path, std::string_view what) {
    return !path.empty() && is_there(path) && look(path, [&] { check_private_file(path, what); });
  }
  void directory_of(const fs::path& path) {
    const fs::path directory = path.parent_path();
    if (!path.empty() && is_there(directory) && m_directories.insert(directory).second) {
      look(directory, [&] { check_directory(directory); });
    }
  }

  FileInspection& result() { return m_result; }

private:
  bool look(const fs::path& path, const std::function<void()>& check) {
    m_result.looked_at.push_back(path);
    try {
      check();
    } catch (const Error& e) {
      m_result.flaws.push_back({path, e.what(), e.hint()});
    }
    return true;
  }

  FileInspection m_result;
  std::set<fs::path> m_directories;
};

} // namespace

FileInspection inspect_files(const Location& location) {
  const Location real = resolved(location);
  Inspector inspector;
  inspector.directory_of(real.store);
  inspector.file(real.store, "the store");
  inspector.file(real.lock(), "the lock file");
  inspector.file(real.reserve, "the reserve");
  FileInspection& result = inspector.result();
  for (std::uint64_t format = 1; format < k_schema_version; ++format) {
    const fs::path kept = migration_backup(real, format);
    if (inspector.file(kept, "the old store")) {
      result.old_formats.push_back(kept);
    }
  }
  inspector.directory_of(real.key);
  if (inspector.file(real.key, "the key file")) {
    std::error_code error;
    result.key_beside_store = fs::equivalent(real.key.parent_path(), real.store.parent_path(), error) && !error;
  }
  inspector.directory_of(real.anchor);
  result.has_anchor = inspector.file(real.anchor, "the anchor");
  return std::move(result);
}

} // namespace caplet
