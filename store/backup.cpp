#include "store/backup.hpp"

#include "store/files.hpp"

#include <unistd.h>

#include <cerrno>

namespace caplet {

namespace fs = std::filesystem;

void copy_store(Database& from, const fs::path& to, OnExisting on_existing, const Progress& progress,
                const std::function<void(const fs::path& copy)>& check) {
  const fs::path directory = to.has_parent_path() ? to.parent_path() : fs::path(".");
  if (on_existing == OnExisting::refuse) {
    require_no_store(to); // before the work, not only after it
  }
  UnfinishedStore unfinished = UnfinishedStore::beside(to);
  {
    Database copy(unfinished.path(), Database::Open::create);
    from.copy_to(copy, progress);
  }
  if (check) {
    check(unfinished.path());
  }
  if (on_existing == OnExisting::replace) {
    if (::rename(unfinished.path().c_str(), to.c_str()) != 0) {
      throw_errno("cannot make", to, errno);
    }
  } else {
    rename_new(unfinished.path(), to);
  }
  unfinished.keep();
  sync_directory(directory);
}

} // namespace caplet
