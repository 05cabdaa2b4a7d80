#include "cli/line_reader.hpp"

#include "core/error.hpp"
#include "core/secret.hpp"
#include "store/files.hpp"

#include <fmt/format.h>
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

std::optional<std::string_view> LineReader::next() {
  wipe(m_line);
  for (bool started = false;;) {
    const std::string_view rest(m_buffer.data() + m_at, m_end - m_at);
    if (const auto end = rest.find('\n'); end != std::string_view::npos) {
      m_at += end + 1;
      ++m_number;
      if (m_line.empty()) {
        return without_return(rest.substr(0, end));
      }
      m_line += rest.substr(0, end);
      return without_return(m_line);
    }
    started |= !rest.empty();
    m_line += rest;
    if (m_line.size() > k_longest) {
      throw Error(Errc::failed, fmt::format("line {} is longer than {} bytes", m_number + 1, k_longest),
                  "one item a line");
    }
    m_at = 0;
    const auto got = uninterrupted([&] { return ::read(m_fd, m_buffer.data(), m_buffer.size()); });
    if (got < 0) {
      throw Error(Errc::failed, fmt::format("the input cannot be read: {}", std::strerror(errno)),
                  "is it a file, or a pipe?");
    }
    m_end = static_cast<std::size_t>(got);
    if (got == 0) {
      if (!started) {
        return std::nullopt;
      }
      ++m_number;
      return without_return(m_line);
    }
  }
}

} // namespace caplet
