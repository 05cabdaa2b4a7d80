#include "store/journal_name.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <exception>
#include <string>

namespace caplet {
namespace {

constexpr mode_t k_marked = 0700;

bool has_mark(const std::string& path) noexcept {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & S_IXUSR) != 0;
}

/// Where the store itself has the mark, too, it is one of the file system's, which gives it to all.
bool is_marked(const std::string& journal) {
  return has_mark(journal) && !has_mark(journal.substr(0, journal.rfind('-')));
}

/// The one that is the default now: a test may have put another there.
sqlite3_vfs& ordinary() { return *sqlite3_vfs_find(nullptr); }

int open(sqlite3_vfs* /*self*/, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  sqlite3_vfs& vfs = ordinary();
  constexpr int k_new_journal = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_CREATE;
  try {
    if ((flags & k_new_journal) == k_new_journal && is_marked(path) &&
        vfs.xOpen(&vfs, path, file, flags & ~SQLITE_OPEN_CREATE, flags_out) == SQLITE_OK) {
      return SQLITE_OK;
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): there is no memory for a path
  }
  return vfs.xOpen(&vfs, path, file, flags, flags_out);
}

int remove(sqlite3_vfs* /*self*/, const char* path, int sync_directory) {
  return ordinary().xDelete(&ordinary(), path, sync_directory);
}

int access(sqlite3_vfs* /*self*/, const char* path, int flags, int* answer) {
  return ordinary().xAccess(&ordinary(), path, flags, answer);
}

int full_path(sqlite3_vfs* /*self*/, const char* path, int size, char* out) {
  return ordinary().xFullPathname(&ordinary(), path, size, out);
}

sqlite3_vfs made_vfs() {
  constexpr int k_more = 256; // for what the default may be by then
  sqlite3_vfs vfs = ordinary();
  vfs.zName = "caplet";
  vfs.pNext = nullptr;
  vfs.szOsFile += k_more;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  return vfs;
}

} // namespace

std::string journal_vfs() {
  static sqlite3_vfs vfs = made_vfs();
  static const int status = sqlite3_vfs_register(&vfs, 0);
  return status == SQLITE_OK ? vfs.zName : "";
}

void mark_journal(const std::filesystem::path& store) noexcept {
  try {
    const std::string path = store.string() + "-journal";
    if (!is_marked(path)) {
      ::chmod(path.c_str(), k_marked);
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): there is no memory for a path
  }
}

} // namespace caplet
