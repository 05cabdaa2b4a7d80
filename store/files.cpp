#include "store/files.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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
  throw Error(full ? Errc::full : Errc::unavailable, fmt::format("{} {}: {}", what, quoted(path), std::strerror(error)),
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

Secret read_private_file(const fs::path& path, std::string_view what, std::size_t most) {
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
  Secret bytes(most + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got =
        uninterrupted([&] { return ::read(file.get(), bytes.data().data() + length, bytes.size() - length); });
    if (got < 0) {
      throw_errno("cannot read", path, errno);
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  if (length > most) {
    throw Error(Errc::damaged, fmt::format("{} {} is too long to be one of caplet's", what, quoted(path)),
                "was another file put in its place?");
  }
  bytes.truncate(length);
  return bytes;
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

void rename_new(const fs::path& from, const fs::path& to) {
  bool done = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
  if (!done && errno == EINVAL) { // a file system that cannot: two steps, of which the first decides
    // ENOENT: a reader was there between them and has removed it (drop_unfinished_name).
    done = ::link(from.c_str(), to.c_str()) == 0 && (::unlink(from.c_str()) == 0 || errno == ENOENT);
  }
  if (!done && errno == EEXIST) {
    throw Error(Errc::exists, fmt::format("{} exists already", quoted(to)), "move it out of the way");
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
