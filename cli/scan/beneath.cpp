#include "cli/scan/beneath.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace caplet {

Beneath::Beneath(const std::string& path)
    : m_directory(uninterrupted([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); })) {
  if (!m_directory.is_open()) {
    throw Error(Errc::undecided, fmt::format("cannot open {}: {}", escape(path, 4096), std::strerror(errno)),
                "check that it is there and can be read");
  }
}

Fd Beneath::open(const std::string& path, int flags) const {
  const int all = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags;
  open_how how{};
  how.flags = static_cast<unsigned>(all);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  Fd file(static_cast<int>(
      uninterrupted([&] { return ::syscall(SYS_openat2, m_directory.get(), path.c_str(), &how, sizeof how); })));
  if (!file.is_open() && (errno == ENOSYS || errno == EPERM)) { // a kernel before 5.6, or a sandbox that knows it not
    return Fd(uninterrupted([&] { return ::openat(m_directory.get(), path.c_str(), all); }));
  }
  return file;
}

} // namespace caplet
