#include "cli/scan/tree_walk.hpp"

#include "cli/scan/ignored.hpp"
#include "core/error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace caplet {
namespace {

std::string join(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

/// Whether a directory `objects` lies in a repository's own directory.
bool is_object_store(const std::string& path) {
  return path.ends_with("/objects") && (path.starts_with(".git/") || path.find("/.git/") != std::string::npos);
}

unsigned char type_of(int directory, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) {
    return entry.d_type;
  }
  struct stat status {};
  if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return DT_UNKNOWN;
  }
  return S_ISREG(status.st_mode) ? DT_REG : S_ISDIR(status.st_mode) ? DT_DIR : DT_UNKNOWN;
}

/// /proc and the like: not files, but answers, some of them without an end.
bool is_made_by_kernel(int directory) {
  struct statfs system {};
  return ::fstatfs(directory, &system) == 0 && (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC ||
                                                system.f_type == DEBUGFS_MAGIC || system.f_type == TRACEFS_MAGIC);
}

} // namespace

TreeWalk::TreeWalk(const Environment& environment, std::string top, std::shared_ptr<const Beneath> beneath,
                   Ignored ignored, const std::vector<std::string>& excluded, Visitor visitor)
    : m_environment(environment), m_top(std::move(top)), m_beneath(std::move(beneath)), m_ignored(ignored),
      m_excluded(excluded), m_visitor(std::move(visitor)) {}

void TreeWalk::walk() {
  if (m_ignored == Ignored::skip && !learn_ignored("")) {
    return;
  }
  // The last of each list is the next: a stack of its own, for trees may be deep.
  std::vector<Entry> open{{"", true}};
  while (!open.empty()) {
    const Entry next = std::move(open.back());
    open.pop_back();
    if (!(next.is_directory ? list(next.path, open) : m_visitor.file(next.path))) {
      return;
    }
  }
}

bool TreeWalk::list(const std::string& directory, std::vector<Entry>& entries) {
  Fd fd = m_beneath->open(directory.empty() ? "." : directory, O_DIRECTORY);
  if (!fd.is_open()) {
    const bool vanished = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    return vanished || m_visitor.unreadable(directory, std::strerror(errno));
  }
  if (is_made_by_kernel(fd.get())) {
    return m_visitor.warning(directory, "left out: the kernel makes it up (name a file in it to have it scanned)");
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)), ::closedir);
  if (!stream) {
    return m_visitor.unreadable(directory, std::strerror(errno));
  }
  std::vector<std::pair<std::string, bool>> names;
  bool has_repository = false;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0 && !m_visitor.unreadable(directory, std::strerror(errno))) {
        return false;
      }
      break;
    }
    const std::string_view name = entry->d_name;
    has_repository = has_repository || name == ".git";
    const unsigned char type = type_of(fd.get(), *entry);
    if (name != "." && name != ".." && (type == DT_REG || type == DT_DIR)) {
      names.emplace_back(name, type == DT_DIR);
    }
  }
  if (has_repository && !directory.empty() && m_ignored == Ignored::skip && !learn_ignored(directory)) {
    return false;
  }
  std::sort(names.begin(), names.end(), std::greater<>());
  for (const auto& [name, is_directory] : names) {
    std::string path = join(directory, name);
    const bool is_left_out =
        is_excluded(path, name) || m_ignored_paths.contains(path) || (is_directory && is_object_store(path));
    if (!is_left_out) {
      entries.push_back({std::move(path), is_directory});
    }
  }
  return true;
}

bool TreeWalk::is_excluded(const std::string& path, const std::string& name) const {
  return std::any_of(m_excluded.begin(), m_excluded.end(), [&](const std::string& pattern) {
    return pattern.find('/') == std::string::npos ? ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0
                                                  : ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  });
}

bool TreeWalk::learn_ignored(const std::string& directory) {
  namespace fs = std::filesystem;
  try {
    std::error_code error;
    const fs::path real = fs::canonical(fs::path(m_top) / directory, error);
    const auto work_tree = error ? std::nullopt : work_tree_above(real);
    if (!work_tree) {
      return true;
    }
    for (const std::string& path : ignored_paths(m_environment, *work_tree, real)) {
      m_ignored_paths.insert(join(directory, path));
    }
    return true;
  } catch (const Error& e) {
    return m_visitor.warning(directory, std::string(e.what()) + ": what it ignores is scanned, too");
  }
}

} // namespace caplet
