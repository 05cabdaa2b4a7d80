#include "tests/faults/power_vfs.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <utility>

namespace caplet::test {
namespace {

std::string file_name(const char* path) { return std::filesystem::path(path).filename().string(); }

} // namespace

/// SQLite's idea of an open file, and behind it in the same memory that of the ordinary VFS.
struct PowerVfs::OpenFile {
  sqlite3_file base;
  PowerVfs* power;
  PowerDisk::Node* node;
  bool is_new; ///< and its name not synced

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

template <typename Change>
bool PowerVfs::operate(const Change& change) {
  if (is_cut()) {
    return false;
  }
  ++m_operations;
  const bool now = m_operations == m_cut_at;
  if (!now || m_seed % 2 == 0) { // else the power goes before it
    change();
  }
  if (now) {
    m_contents = m_disk.cut(m_seed, m_fate);
  }
  return !now;
}

/// What SQLite calls.
struct PowerVfs::Methods {
  static OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return of(file).real(); }

  static int close(sqlite3_file* file) {
    delete of(file).node;
    return real(file)->pMethods->xClose(real(file));
  }
  static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 at) {
    return of(file).power->is_cut() ? SQLITE_IOERR_READ : real(file)->pMethods->xRead(real(file), bytes, size, at);
  }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    const std::string_view content(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    const bool goes_on =
        of(file).power->operate([&] { PowerDisk::write(*of(file).node, static_cast<std::size_t>(at), content); });
    return goes_on ? real(file)->pMethods->xWrite(real(file), bytes, size, at) : SQLITE_IOERR_WRITE;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    UNSCOPED_INFO("PowerDisk knows no truncation yet");
    CHECK(real(file) == nullptr);
    return real(file)->pMethods->xTruncate(real(file), size);
  }
  /// The ordinary VFS syncs the directory, too, at the first sync of a file that it has made.
  static int sync(sqlite3_file* file, int /*flags*/) {
    PowerVfs& power = *of(file).power;
    bool goes_on = power.operate([&] { power.m_disk.sync(*of(file).node); });
    if (goes_on && std::exchange(of(file).is_new, false)) {
      goes_on = power.operate([&] { power.m_disk.sync_directory(); });
    }
    return goes_on ? SQLITE_OK : SQLITE_IOERR_FSYNC;
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
  }
  static int lock(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
  static int unlock(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
  static int check_lock(sqlite3_file* file, int* answer) {
    return real(file)->pMethods->xCheckReservedLock(real(file), answer);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
  }
  static int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
  static int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

  static constexpr sqlite3_io_methods k_io{
      1,           close,           read,    write,   truncate, sync,    file_size, lock,   unlock, check_lock, control,
      sector_size, characteristics, nullptr, nullptr, nullptr,  nullptr, nullptr,   nullptr};

  static PowerVfs& of(sqlite3_vfs* vfs) { return *static_cast<PowerVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    PowerVfs& power = of(vfs);
    file->pMethods = nullptr;
    if (power.is_cut()) {
      return SQLITE_CANTOPEN;
    }
    const bool is_made = !std::filesystem::exists(path);
    of(file).is_new = (flags & SQLITE_OPEN_CREATE) != 0; // for all that the ordinary VFS knows
    const int status = power.m_real->xOpen(power.m_real, path, of(file).real(), flags, out_flags);
    if (status != SQLITE_OK) {
      return status;
    }
    file->pMethods = &k_io;
    of(file).power = &power;
    of(file).node = new PowerDisk::Node;
    const std::string name = file_name(path);
    if (is_made) {
      power.operate([&] { *of(file).node = power.m_disk.make(name); });
    }
    if (!*of(file).node) { // it was there, or the power went before it was made
      *of(file).node = power.m_disk.find(name, [&] {
        sqlite3_int64 size = 0;
        of(file).real()->pMethods->xFileSize(of(file).real(), &size);
        std::string bytes(static_cast<std::size_t>(size), '\0');
        of(file).real()->pMethods->xRead(of(file).real(), bytes.data(), static_cast<int>(size), 0);
        return bytes;
      });
    }
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    PowerVfs& power = of(vfs);
    bool goes_on = power.operate([&] { power.m_disk.remove(file_name(path)); });
    if (sync_directory != 0 && goes_on) {
      goes_on = power.operate([&] { power.m_disk.sync_directory(); });
    }
    return goes_on ? power.m_real->xDelete(power.m_real, path, 0) : SQLITE_IOERR_DELETE;
  }
};

PowerVfs::PowerVfs(PowerDisk::Honours honours) : m_disk(honours), m_real(sqlite3_vfs_find(nullptr)), m_vfs(*m_real) {
  m_vfs.zName = "power";
  m_vfs.pAppData = this;
  m_vfs.pNext = nullptr;
  m_vfs.szOsFile = static_cast<int>(sizeof(OpenFile)) + m_real->szOsFile;
  m_vfs.xOpen = Methods::open;
  m_vfs.xDelete = Methods::remove;
  REQUIRE(sqlite3_vfs_register(&m_vfs, 1) == SQLITE_OK);
}

PowerVfs::~PowerVfs() { leave(); }

void PowerVfs::leave() {
  sqlite3_vfs_unregister(&m_vfs);
  sqlite3_vfs_register(m_real, 1);
}

void PowerVfs::cut_at(int operation, std::uint32_t seed, PowerDisk::Fate fate) {
  m_cut_at = operation;
  m_seed = seed;
  m_fate = fate;
}

} // namespace caplet::test
