#include "cli/line_reader.hpp"

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

std::string_view without_return(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

} // namespace

LineReader::~LineReader() {
  wipe({reinterpret_cast<unsigned char*>(m_buffer.data()), m_buffer.size()});
  wipe(m_line);
}

/// Adds to a line that lies across two reads.
void LineReader::keep(std::string_view part) {
  const std::size_t room = k_longest - m_line.size();
  if (part.size() > room && m_too_long == TooLong::refused) {
    throw Error(Errc::failed, fmt::format("line {} is longer than {} bytes", m_number + 1, k_longest),
                "one item a line");
  }
  m_line += part.substr(0, room);
}

/// Whether there was more to read.
bool LineReader::fill() {
  m_at = 0;
  m_end = 0;
  const auto got = uninterrupted([&] { return ::read(m_fd, m_buffer.data(), m_buffer.size()); });
  if (got < 0) {
    throw Error(Errc::failed, fmt::format("the input cannot be read: {}", std::strerror(errno)),
                "is it a file, or a pipe?");
  }
  m_end = static_cast<std::size_t>(got);
  m_bytes += m_end;
  return got > 0;
}

std::optional<std::string_view> LineReader::next() {
  wipe(m_line);
  bool across = false;
  do {
    if (const auto end = rest().find('\n'); end != std::string_view::npos) {
      const std::string_view part = rest().substr(0, end);
      m_at += end + 1;
      if (!across) {
        ++m_number;
        return without_return(part);
      }
      keep(part);
      ++m_number;
      return without_return(m_line);
    }
    across |= !rest().empty();
    keep(rest());
  } while (fill());
  if (!across) {
    return std::nullopt;
  }
  ++m_number;
  return without_return(m_line);
}

bool LineReader::is_ready(std::chrono::milliseconds time) {
  if (rest().find('\n') != std::string_view::npos) {
    return true;
  }
  pollfd readable{m_fd, POLLIN, 0};
  return uninterrupted([&] { return ::poll(&readable, 1, static_cast<int>(time.count())); }) != 0;
}

} // namespace caplet
