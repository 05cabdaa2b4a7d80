#include "store/restore.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/file_lock.hpp"
#include "store/files.hpp"
#include "store/migration.hpp"
#include "store/open_sealed.hpp"
#include "store/schema.hpp"
#include "store/sealed_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace caplet {
namespace {

namespace fs = std::filesystem;

/// The backup's bytes in the file that was made for them. SQLite is let near the copy only.
void copy_bytes(const fs::path& from, const fs::path& to) {
  const Fd in(uninterrupted([&] { return ::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!in.is_open() && errno == ENOENT) {
    throw Error(Errc::missing, fmt::format("there is no backup {}", escape(from.string(), 4096)), "check the path");
  }
  if (!in.is_open()) {
    throw_errno("cannot read", from, errno);
  }
  struct stat status {};
  if (::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw Error(Errc::unavailable, fmt::format("{} is not a regular file", escape(from.string(), 4096)),
                "give the file that caplet store backup made");
  }
  const Fd out(uninterrupted([&] { return ::open(to.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW); }));
  if (!out.is_open()) {
    throw_errno("cannot write", to, errno);
  }
  copy_all(in.get(), out.get(), to);
}

/// Whatever stands in the store's journal is the old store's: let SQLite roll it back, or put it aside with the store.
void settle_journal(const Location& location, const fs::path& aside) {
  const fs::path journal = location.store.string() + "-journal";
  try {
    Database database(location.store, Database::Open::existing);
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): a store that is damaged is what is restored over
  }
  if (!may_be_journal(journal)) {
    ::unlink(journal.c_str()); // of a function's run
  } else if (::rename(journal.c_str(), (aside.string() + "-journal").c_str()) != 0) {
    throw_errno("cannot move", journal, errno);
  }
}

/// The new store in the old one's place, and the old one aside. The new one takes the name aside first, complete as it
/// is, and the two are exchanged in one step: what a killed run left unfinished never has that name.
void exchange(const fs::path& unfinished, const fs::path& store, const fs::path& aside) {
  rename_new(unfinished, aside);
  if (::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, store.c_str(), RENAME_EXCHANGE) != 0) {
    const int error = errno;
    ::unlink(aside.c_str());
    throw_errno("cannot put the backup in the place of", store, error);
  }
}

/// The number of the newest change that this machine has seen of the store that is restored.
std::uint64_t last_seen(const Location& location, const SealedStore& store) {
  try {
    const auto seen = location.anchor.empty() ? std::nullopt : read_anchor(location.anchor, store.anchor_mac_key());
    return seen && seen->store == store.anchor().store ? seen->commit : 0;
  } catch (const Error&) { // another store's, or damaged: it is replaced
    return 0;
  }
}

/// The copies that migrations make of what is restored: the backup itself stays, they do not.
struct NoMigrationBackups {
  Location staged;
  ~NoMigrationBackups() {
    for (std::int32_t format = 1; format < k_schema_version; ++format) {
      ::unlink(migration_backup(staged, static_cast<std::uint64_t>(format)).c_str());
    }
  }
};

fs::path aside_name(const Location& location, Instant now) {
  std::string time = format_rfc3339(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}.before-restore-{}", location.store.string(), time);
}

} // namespace

Restored restore_store(const Location& location, const fs::path& backup, OnStore on_store, const Unlocking& unlocking,
                       const Event& event) {
  require_sodium();
  make_private_directory(location.store.parent_path());
  const Location real = resolved(location);
  check_directory(real.store.parent_path());
  FileLock lock(real.lock());
  if (!lock.acquire(FileLock::Mode::exclusive, SealedStore::k_lock_deadline)) {
    throw Error(Errc::busy, "another process holds the store", "try again in a moment");
  }
  const bool replaces = store_exists(real);
  if (replaces && on_store == OnStore::refuse) {
    throw Error(Errc::exists, fmt::format("there is a store already at {}", escape(real.store.string(), 4096)),
                "to put it aside and restore: caplet store restore --replace FILE");
  }
  if (replaces) {
    check_private_file(real.store, "the store"); // what is no file of ours is not moved about
  }
  Restored restored;
  Location staged = real;
  staged.anchor.clear();
  staged.reserve.clear();
  staged.store = unfinished_name(real.store);
  const fs::path aside = aside_name(real, event.time);
  if (replaces) {
    require_absent(aside);
  } else {
    require_no_store(real.store);
  }
  UnfinishedStore unfinished(staged.store);
  const NoMigrationBackups no_migration_backups{staged};
  copy_bytes(backup, staged.store);
  auto store = open_sealed(staged, FileLock(), Opening::for_check, unlocking);
  restored.report = store->check({});
  if (!restored.report.problems.empty()) {
    const CheckReport::Problem& first = restored.report.problems.front();
    throw Error(Errc::damaged, fmt::format("the backup is damaged ({}: {})", first.place, first.what),
                "take another backup; nothing was changed");
  }
  // Above what this machine has seen of the store: from here on it is the newest.
  Event entry = event;
  entry.action = "store.restore";
  entry.reason = fmt::format("a backup at change {}", store->anchor().commit);
  store->continue_after(last_seen(real, *store), entry);
  const Anchor anchor = store->anchor();
  const Digest key = store->anchor_mac_key();
  store.reset();
  if (!real.anchor.empty()) {
    ::unlink(real.anchor.c_str()); // it would refuse the new store, were we killed between the two
  }
  if (replaces) {
    settle_journal(real, aside);
    exchange(staged.store, real.store, aside);
    restored.aside = aside;
  } else {
    rename_new(staged.store, real.store);
  }
  unfinished.keep();
  sync_directory(real.store.parent_path());
  if (!real.anchor.empty()) {
    write_anchor(real.anchor, key, anchor);
  }
  if (!real.reserve.empty()) {
    make_reserve(real.reserve);
  }
  return restored;
}

} // namespace caplet
