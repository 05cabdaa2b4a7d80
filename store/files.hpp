#pragma once

#include "core/secret.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace caplet {

/// An open file descriptor, closed when it dies.
class Fd {
public:
  Fd() noexcept = default;
  explicit Fd(int fd) noexcept : m_fd(fd) {}
  Fd(Fd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const noexcept { return m_fd; }
  bool is_open() const noexcept { return m_fd >= 0; }

private:
  int m_fd = -1;
};

/// Makes a system call, and makes it again where a signal interrupted it (FUSE and NFS let any signal do that).
template <typename Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

/// Makes the directory, and what is missing above it, with mode 0700. Throws Error{unavailable, full}.
void make_private_directory(const std::filesystem::path& directory);

/// Refuses a directory that another user owns or could write. Throws Error{unsafe, unavailable}.
void check_directory(const std::filesystem::path& directory);

/// What a file is called while it is being made.
std::filesystem::path unfinished_name(const std::filesystem::path& path);

/// Refuses anything but a regular file with one name that this user owns and nobody else can read or write; a symbolic
/// link is refused, not followed. A second name that is its unfinished_name() was left by a killed run: it is removed.
/// Throws Error{missing} if there is none, else Error{unsafe, unavailable}. `what` names it in the message.
void check_private_file(const std::filesystem::path& path, std::string_view what);

/// Reads a whole file after the checks of check_private_file, made on the open descriptor. Root's files are accepted,
/// too (systemd credentials). Throws Error{missing, unsafe, unavailable}, and Error{damaged} above `most` bytes.
Secret read_private_file(const std::filesystem::path& path, std::string_view what, std::size_t most);

/// Makes a new, empty file with mode 0600. Throws Error{unavailable, full}, if there is one as well.
Fd make_private_file(const std::filesystem::path& path);

/// Writes a new file with mode 0600, complete and durable or not at all. Throws Error{exists} if there is one,
/// Error{unavailable, full}.
void write_private_file(const std::filesystem::path& path, ByteView bytes);

/// The content of a small file that is no secret, after the same checks. Throws the same.
std::string read_small_private_file(const std::filesystem::path& path, std::string_view what, std::size_t most);

/// Puts a file in the place of another, whole or not at all, with mode 0600; makes its directory where there is none.
/// Does not wait for the disk. REQUIRES: the store's lock. Throws Error{unavailable, full}.
void replace_private_file(const std::filesystem::path& path, std::string_view text);

/// Overwrites a file that is private, has one name and just as many bytes, a disk's sector (512) at most: what a power
/// cut leaves is the old or the new one, and no block is allocated for it. Does not wait for the disk. Answers false
/// where there is no such file, or it cannot be written. REQUIRES: the store's lock, as whoever reads it has.
bool overwrite_private_file(const std::filesystem::path& path, std::string_view text) noexcept;

/// An empty file with mode 0600 for SQLite to fill under another name, in place of what a killed run left there. It is
/// gone with this object, unless it was renamed. REQUIRES: the store's lock.
class UnfinishedStore {
public:
  explicit UnfinishedStore(std::filesystem::path path);
  /// Beside a file that the user named, where nothing else may be touched: under a name that is nobody's.
  static UnfinishedStore beside(const std::filesystem::path& path);
  UnfinishedStore(const UnfinishedStore&) = delete;
  UnfinishedStore& operator=(const UnfinishedStore&) = delete;
  ~UnfinishedStore();
  const std::filesystem::path& path() const noexcept { return m_path; }
  /// Its name is another's now: nothing is to be removed.
  void keep() noexcept { m_path.clear(); }

private:
  struct AsItIs {};
  UnfinishedStore(std::filesystem::path path, AsItIs /*tag*/);
  std::filesystem::path m_path;
};

/// Whether SQLite would roll back what this journal holds, once no other program does: one that is empty, or has a
/// header of zeros, is none. What cannot be read may be one.
bool may_be_journal(const std::filesystem::path& path) noexcept;

/// That a new store can have this name. A journal that another one left there would be rolled back into it. Throws
/// Error{exists, unavailable}.
void require_no_store(const std::filesystem::path& path);

/// Copies all bytes from one descriptor to another, and makes them durable. `to` names it in errors.
void copy_all(int from, int into, const std::filesystem::path& to);

/// Throws Error{exists} where there is something of this name.
void require_absent(const std::filesystem::path& path);

/// Keeps up to 1 MiB of the disk in a file, less where there is less. Best effort. Does nothing where there is one.
void make_reserve(const std::filesystem::path& path) noexcept;

/// Gives a file its final name, never over another file. Throws Error{exists, unavailable, full}.
void rename_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes a file's entry in its directory durable. Throws Error{unavailable}.
void sync_directory(const std::filesystem::path& directory);

/// The Error for the errno of a failed call: Error{full} for a full disk or quota, else Error{unavailable}.
[[noreturn]] void throw_errno(std::string_view what, const std::filesystem::path& path, int error);

} // namespace caplet
