#include "cli/child/output_stream.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_pipe_size = std::size_t{1} << 20U; // the most that an unprivileged user may have
constexpr std::size_t k_buffer_size = std::size_t{1} << 17U;
constexpr std::size_t k_little = 4096; // PIPE_BUF: after POLLOUT, so much does not block
constexpr int k_moves = 8;

} // namespace

OutputStream::OutputStream(int into, std::uint64_t most) : m_into(into), m_most(most) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(Errc::failed, std::string("cannot make a pipe: ") + std::strerror(errno), "close other programs");
  }
  m_from = Fd(ends[0]);
  m_to = Fd(ends[1]);
  ::fcntl(m_from.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(m_from.get(), F_SETPIPE_SZ, k_pipe_size); // where it may not be so large, it stays as it is
  choose_way();
}

void OutputStream::choose_way() {
  struct stat status {};
  ::fstat(m_into, &status);
  if ((::fcntl(m_into, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    m_way = Way::write; // and fail: opened anew it would take what nobody gets
  } else if (S_ISSOCK(status.st_mode)) {
    m_way = Way::send;
  } else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
    // A terminal may stand still (^S), and a write to it with it. Opened anew it has flags of its own.
    m_own =
        Fd(::open(("/proc/self/fd/" + std::to_string(m_into)).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    m_way = m_own.is_open() ? Way::write : Way::write_little;
  }
}

pollfd OutputStream::events() const noexcept {
  if (m_state != State::open) {
    return {-1, 0, 0};
  }
  return m_blocked ? pollfd{m_into, POLLOUT, 0} : pollfd{m_from.get(), POLLIN, 0};
}

bool OutputStream::source_is_ready() const noexcept {
  pollfd source{m_from.get(), POLLIN, 0};
  return ::poll(&source, 1, 0) > 0;
}

ssize_t OutputStream::write_some() {
  const char* at = m_buffer.get() + m_done;
  const std::size_t size = m_filled - m_done;
  switch (m_way) {
  case Way::send:
    return ::send(m_into, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  case Way::write_little: {
    pollfd sink{m_into, POLLOUT, 0};
    if (::poll(&sink, 1, 0) <= 0) {
      errno = EAGAIN;
      return -1;
    }
    return ::write(m_into, at, std::min(size, k_little));
  }
  default:
    return ::write(m_own.is_open() ? m_own.get() : m_into, at, size);
  }
}

ssize_t OutputStream::fill_and_write(std::size_t most) {
  if (m_done == m_filled) {
    if (!m_buffer) {
      m_buffer = std::make_unique_for_overwrite<char[]>(k_buffer_size);
    }
    m_done = m_filled = 0;
    const ssize_t got = ::read(m_from.get(), m_buffer.get(), std::min(most, k_buffer_size));
    if (got <= 0) {
      return got;
    }
    m_filled = static_cast<std::size_t>(got);
  }
  const ssize_t written = write_some();
  m_done += written > 0 ? static_cast<std::size_t>(written) : 0;
  return written;
}

ssize_t OutputStream::pass(std::size_t most) {
  if (m_way != Way::splice) {
    return fill_and_write(most);
  }
  const ssize_t passed = ::splice(m_from.get(), nullptr, m_into, nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (passed < 0 && errno == EINVAL) { // a file opened for appending, for example
    struct stat status {};
    ::fstat(m_into, &status);
    m_way = S_ISREG(status.st_mode) ? Way::write : Way::write_little;
    return fill_and_write(most);
  }
  return passed;
}

OutputStream::State OutputStream::move() {
  if (m_state != State::open) {
    return m_state;
  }
  m_blocked = false;
  for (int i = 0; i < k_moves; ++i) {
    const std::uint64_t left = m_most - m_moved;
    if (left == 0) {
      char more = 0;
      const ssize_t got = ::read(m_from.get(), &more, 1);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return m_state;
      }
      return stop(got > 0 ? State::too_long : State::ended);
    }
    const ssize_t passed = pass(static_cast<std::size_t>(std::min<std::uint64_t>(left, k_pipe_size)));
    if (passed == 0) {
      return stop(State::ended);
    }
    if (passed > 0) {
      m_moved += static_cast<std::uint64_t>(passed);
      continue;
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EAGAIN) {
      return fail(errno);
    }
    // Either side may have said so.
    m_blocked = m_done < m_filled || source_is_ready();
    return m_state;
  }
  return m_state;
}

OutputStream::State OutputStream::fail(int error) noexcept {
  m_error = error;
  return stop(error == EPIPE ? State::no_reader : State::failed);
}

/// Whoever still writes gets SIGPIPE from now on.
OutputStream::State OutputStream::stop(State state) noexcept {
  m_from = Fd();
  m_buffer.reset();
  m_done = m_filled = 0;
  m_state = state;
  return state;
}

} // namespace caplet
