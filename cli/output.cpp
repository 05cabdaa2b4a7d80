#include "cli/output.hpp"

#include "core/error.hpp"
#include "core/secret.hpp"
#include "store/files.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace caplet {
namespace {

constexpr std::size_t k_flush_at = std::size_t{64} * 1024;

[[noreturn]] void throw_unwritable(const std::string& name, int error) {
  throw Error(Errc::output, fmt::format("cannot write to {}: {}", name, std::strerror(error)),
              "send it to a terminal, a file or a pipe with room");
}

} // namespace

bool Output::is_terminal() const noexcept { return ::isatty(m_fd) == 1; }

void Output::require_writable() {
  // Nothing is written, but a closed descriptor (EBADF) and a full device (ENOSPC) answer.
  if (uninterrupted([&] { return ::write(m_fd, "", 0); }) < 0) {
    throw_unwritable(m_name, errno);
  }
}

void Output::write(std::string_view text) {
  if (m_buffer.capacity() < k_flush_at) {
    m_buffer.reserve(2 * k_flush_at); // once, so that no copy of a token is left behind where it grew
  }
  m_buffer += text;
  if (m_buffer.size() >= k_flush_at) {
    flush();
  }
}

void Output::flush() {
  std::string_view rest = m_buffer;
  while (!rest.empty()) {
    const auto written = uninterrupted([&] { return ::write(m_fd, rest.data(), rest.size()); });
    if (written < 0 && errno == EAGAIN) { // somebody made it non-blocking
      pollfd writable{m_fd, POLLOUT, 0};
      ::poll(&writable, 1, -1);
      continue;
    }
    if (written < 0) {
      const int error = errno;
      discard();
      if (m_on_failure == OnFailure::ignore) {
        return;
      }
      if (error == EPIPE) {
        throw BrokenPipe{};
      }
      throw_unwritable(m_name, error);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  discard();
}

void Output::discard() noexcept { wipe(m_buffer); }

} // namespace caplet
