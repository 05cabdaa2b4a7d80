#pragma once

#include "store/files.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace caplet {

/// The store's lock: an flock(2) on a file beside it. It blocks in the kernel rather than poll, and a timer ends the
/// wait. Many readers or one writer. The kernel drops it with the process, however that ends. Threads: one at a time.
class FileLock {
public:
  enum class Mode : std::uint8_t { shared, exclusive };

  FileLock() noexcept = default;
  /// Opens the file, made with mode 0600 if need be. Where there is none and none can be made, because the file system
  /// or the directory is read-only, every lock is granted: no caplet of this user can write there. Throws
  /// Error{unavailable, full, unsafe}.
  explicit FileLock(const std::filesystem::path& path);

  /// Whether the lock was got within `deadline`. Zero: do not wait.
  bool acquire(Mode mode, std::chrono::milliseconds deadline);
  void release() noexcept;

private:
  Fd m_file;
};

} // namespace caplet
