#include "store/files.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <tuple>

namespace caplet {
namespace {

namespace fs = std::filesystem;

constexpr mode_t k_private_file = 0600;
constexpr mode_t k_private_directory = 0700;

std::string quoted(const fs::path& path) { return escape(path.string(), 4096); }

enum class RootOwned : std::uint8_t { refuse, accept };

/// Whether the other name of this file, which has two, was the one it had while it was being made: where rename_new
/// takes two steps, a run may have been killed between them. That name is removed then.
bool drop_unfinished_name(const struct stat& status, const fs::path& path) {
  const fs::path unfinished = unfinished_name(path);
  struct stat other {};
  return status.st_nlink == 2 && ::lstat(unfinished.c_str(), &other) == 0 && other.st_dev == status.st_dev &&
         other.st_ino == status.st_ino && (::unlink(unfinished.c_str()) == 0 || errno == ENOENT);
}

void check_status(const struct stat& status, const fs::path& path, std::string_view what, RootOwned root_owned) {
  if (S_ISLNK(status.st_mode)) {
    throw Error(Errc::unsafe, fmt::format("{} {} is a symbolic link", what, quoted(path)),
                "caplet does not follow links here: move the file itself to this place");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(Errc::unsafe, fmt::format("{} {} is not a regular file", what, quoted(path)), "move it out of the way");
  }
  const bool owned = status.st_uid == geteuid() || (root_owned == RootOwned::accept && status.st_uid == 0);
  if (!owned) {
    throw Error(Errc::unsafe, fmt::format("{} {} belongs to another user (uid {})", what, quoted(path), status.st_uid),
                "run caplet as the user who owns the store");
  }
  if ((status.st_mode & 077U) != 0) {
    throw Error(
        Errc::unsafe,
        fmt::format("{} {} can be reached by others (mode {:04o})", what, quoted(path), status.st_mode & 07777U),
        fmt::format("make it yours alone: chmod 600 {}", quoted(path)));
  }
  if (status.st_nlink != 1 && !drop_unfinished_name(status, path)) {
    throw Error(Errc::unsafe, fmt::format("{} {} has {} names (hard links)", what, quoted(path), status.st_nlink),
                "remove the other names");
  }
}

[[noreturn]] void throw_missing(std::string_view what, const fs::path& path) {
  throw Error(Errc::missing, fmt::format("{} {} does not exist", what, quoted(path)));
}

void write_all(int fd, ByteView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = uninterrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (written < 0) {
      throw_errno("cannot write", path, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

/// A temporary file that is gone with this object.
struct Unlinker {
  fs::path path;
  ~Unlinker() { ::unlink(path.c_str()); }
};

} // namespace

Fd::~Fd() {
  if (m_fd >= 0) {
    ::close(m_fd);
  }
}

fs::path unfinished_name(const fs::path& path) { return path.string() + ".new"; }

void throw_errno(std::string_view what, const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw Error(full ? Errc::full : Errc::unavailable,
              fmt::format("{} {}: {}", what, quoted(path), error == ENOSPC ? "the disk is full" : std::strerror(error)),
              full                                ? "free some space and try again"
              : error == EROFS                    ? "the file system is read-only"
              : error == EACCES || error == EPERM ? "check who owns it, and the directories above it"
                                                  : "check the path, or set CAPLET_HOME to another directory");
}

void make_private_directory(const fs::path& directory) {
  if (directory.empty() || ::mkdir(directory.c_str(), k_private_directory) == 0 || errno == EEXIST) {
    return;
  }
  if (errno != ENOENT || directory == directory.parent_path()) {
    throw_errno("cannot make the directory", directory, errno);
  }
  make_private_directory(directory.parent_path());
  if (::mkdir(directory.c_str(), k_private_directory) != 0 && errno != EEXIST) {
    throw_errno("cannot make the directory", directory, errno);
  }
}

void check_directory(const fs::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) {
    throw_errno("cannot read the directory", directory, errno);
  }
  if (!S_ISDIR(status.st_mode)) {
    throw Error(Errc::unavailable, fmt::format("{} is not a directory", quoted(directory)), "move it out of the way");
  }
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    throw Error(Errc::unsafe,
                fmt::format("the directory {} belongs to another user (uid {})", quoted(directory), status.st_uid),
                "run caplet as the user who owns the store");
  }
  if ((status.st_mode & 022U) != 0) {
    throw Error(
        Errc::unsafe,
        fmt::format("others can write the directory {} (mode {:04o})", quoted(directory), status.st_mode & 07777U),
        fmt::format("make it yours alone: chmod 700 {}", quoted(directory)));
  }
}

void check_private_file(const fs::path& path, std::string_view what) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      throw_missing(what, path);
    }
    throw_errno("cannot read", path, errno);
  }
  check_status(status, path, what, RootOwned::refuse);
}

namespace {

/// Reads up to `most` bytes, and one more to see that there are more, into `bytes`. How many.
template <typename Buffer>
std::size_t read_checked(const fs::path& path, std::string_view what, Buffer& bytes) {
  // O_NONBLOCK: a FIFO in its place must not make us wait.
  const Fd file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (!file.is_open()) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR) {
      throw_missing(what, path);
    }
    if (error == ELOOP || error == ENXIO) {
      check_private_file(path, what); // says what it is
    }
    throw_errno("cannot read", path, error);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw_errno("cannot read", path, errno);
  }
  check_status(status, path, what, RootOwned::accept);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = uninterrupted([&] { return ::read(file.get(), bytes.data() + length, bytes.size() - length); });
    if (got < 0) {
      throw_errno("cannot read", path, errno);
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  if (length == bytes.size()) {
    throw Error(Errc::damaged, fmt::format("{} {} is too long to be one of caplet's", what, quoted(path)),
                "was another file put in its place?");
  }
  return length;
}

} // namespace

Secret read_private_file(const fs::path& path, std::string_view what, std::size_t most) {
  Secret bytes(most + 1);
  auto buffer = bytes.data();
  bytes.truncate(read_checked(path, what, buffer));
  return bytes;
}

std::string read_small_private_file(const fs::path& path, std::string_view what, std::size_t most) {
  std::string bytes(most + 1, '\0');
  bytes.resize(read_checked(path, what, bytes));
  return bytes;
}

void replace_private_file(const fs::path& path, std::string_view text) {
  const fs::path unfinished = unfinished_name(path);
  const auto open_new = [&] {
    ::unlink(unfinished.c_str()); // of a run that was killed, or planted
    constexpr int k_flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    return Fd(uninterrupted([&] { return ::open(unfinished.c_str(), k_flags, k_private_file); }));
  };
  Fd file = open_new();
  if (!file.is_open() && errno == ENOENT) {
    make_private_directory(path.parent_path());
    file = open_new();
  }
  if (!file.is_open()) {
    throw_errno("cannot make", unfinished, errno);
  }
  try {
    write_all(file.get(), as_bytes(text), unfinished);
    if (::rename(unfinished.c_str(), path.c_str()) != 0) {
      throw_errno("cannot write", path, errno);
    }
  } catch (const Error&) { // a full disk is not made fuller
    ::unlink(unfinished.c_str());
    throw;
  }
}

bool overwrite_private_file(const fs::path& path, std::string_view text) noexcept {
  constexpr std::size_t k_sector = 512;
  constexpr int k_flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const Fd file(uninterrupted([&] { return ::open(path.c_str(), k_flags); }));
  struct stat status {};
  if (text.size() > k_sector || !file.is_open() || ::fstat(file.get(), &status) != 0) {
    return false;
  }
  try {
    check_status(status, path, "the file", RootOwned::refuse);
  } catch (const std::exception&) {
    return false;
  }
  return static_cast<std::size_t>(status.st_size) == text.size() &&
         uninterrupted([&] { return ::pwrite(file.get(), text.data(), text.size(), 0); }) ==
             static_cast<ssize_t>(text.size());
}

UnfinishedStore::UnfinishedStore(fs::path path) : m_path(std::move(path)) {
  ::unlink(m_path.c_str());
  ::unlink((m_path.string() + "-journal").c_str());
  make_private_file(m_path);
}

UnfinishedStore::UnfinishedStore(fs::path path, AsItIs /*tag*/) : m_path(std::move(path)) { make_private_file(m_path); }

UnfinishedStore UnfinishedStore::beside(const fs::path& path) {
  std::array<unsigned char, 6> random{};
  randombytes_buf(random.data(), random.size());
  return {fmt::format("{}.{}.new", path.string(), to_hex(random)), AsItIs{}};
}

UnfinishedStore::~UnfinishedStore() {
  if (m_path.empty()) {
    return;
  }
  ::unlink(m_path.c_str());
  ::unlink((m_path.string() + "-journal").c_str());
}

Fd make_private_file(const fs::path& path) {
  Fd file(uninterrupted(
      [&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, k_private_file); }));
  if (!file.is_open()) {
    throw_errno("cannot make", path, errno);
  }
  return file;
}

void write_private_file(const fs::path& path, ByteView bytes) {
  const Unlinker temporary{unfinished_name(path)};
  ::unlink(temporary.path.c_str()); // of a run that was killed; REQUIRES the store's lock
  const Fd file = make_private_file(temporary.path);
  write_all(file.get(), bytes, temporary.path);
  if (uninterrupted([&] { return ::fsync(file.get()); }) != 0) {
    throw_errno("cannot write", temporary.path, errno);
  }
  rename_new(temporary.path, path);
  sync_directory(path.parent_path());
}

void copy_all(int from, int into, const fs::path& to) {
  constexpr std::size_t k_piece = std::size_t{1} << 18U;
  Bytes piece(k_piece);
  for (;;) {
    const auto got = uninterrupted([&] { return ::read(from, piece.data(), piece.size()); });
    if (got < 0) {
      throw_errno("cannot read what is copied to", to, errno);
    }
    if (got == 0) {
      break;
    }
    write_all(into, ByteView(piece).first(static_cast<std::size_t>(got)), to);
  }
  if (uninterrupted([&] { return ::fsync(into); }) != 0) {
    throw_errno("cannot write", to, errno);
  }
}

void require_absent(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    throw Error(Errc::exists, fmt::format("{} exists already", quoted(path)), "move it out of the way");
  }
}

bool may_be_journal(const fs::path& path) noexcept {
  const Fd file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!file.is_open()) {
    return errno != ENOENT;
  }
  char first = 0;
  const auto got = uninterrupted([&] { return ::read(file.get(), &first, 1); });
  return got < 0 || (got == 1 && first != 0);
}

void require_no_store(const fs::path& path) {
  require_absent(path);
  const fs::path journal = path.string() + "-journal";
  if (may_be_journal(journal)) {
    throw Error(Errc::unavailable,
                fmt::format("{} is left of another store, and would spoil this one", quoted(journal)),
                "move it out of the way; together with the store that it belongs to, it may be needed to read that");
  }
}

void make_reserve(const fs::path& path) noexcept {
  constexpr std::array<off_t, 3> k_sizes{1 << 20U, 1 << 18U, 1 << 16U}; // a revocation takes some 40 KiB, with journal
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= k_sizes.back()) {
    return;
  }
  try {
    const Unlinker unfinished{unfinished_name(path)};
    ::unlink(unfinished.path.c_str());
    const Fd file = make_private_file(unfinished.path);
    const auto fits = [&](off_t size) { return ::posix_fallocate(file.get(), 0, size) == 0; };
    if (std::any_of(k_sizes.begin(), k_sizes.end(), fits)) {
      std::ignore = ::rename(unfinished.path.c_str(), path.c_str()); // over what is none
    }
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): without it, all but this goes on
  }
}

void rename_new(const fs::path& from, const fs::path& to) {
  bool done = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
  if (!done && errno == EINVAL) { // a file system that cannot: two steps, of which the first decides
    // ENOENT: a reader was there between them and has removed it (drop_unfinished_name).
    done = ::link(from.c_str(), to.c_str()) == 0 && (::unlink(from.c_str()) == 0 || errno == ENOENT);
  }
  if (!done && errno == EEXIST) {
    require_absent(to);
  }
  if (!done) {
    throw_errno("cannot make", to, errno);
  }
}

void sync_directory(const fs::path& directory) {
  const Fd fd(uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd.is_open() || uninterrupted([&] { return ::fsync(fd.get()); }) != 0) {
    throw_errno("cannot write the directory", directory, errno);
  }
}

} // namespace caplet
