#include "cli/scan/file_scan.hpp"

#include "store/files.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace caplet {
namespace {

constexpr std::size_t k_buffer_size = std::size_t{256} * 1024;
constexpr std::size_t k_looked_at_for_binary = 8000; // as git does (buffer_is_binary in its xdiff-interface.c)

bool is_large(int fd, std::uint64_t most) {
  struct stat status {};
  return most != k_any_size && ::fstat(fd, &status) == 0 && static_cast<std::uint64_t>(status.st_size) > most;
}

/// A pipe that somebody made non-blocking will have something to read; a file that answers so never will (/proc/kmsg).
bool wait_for_input(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) {
    errno = EAGAIN;
    return false;
  }
  constexpr int k_milliseconds = 100; // then it is seen whether to stop
  pollfd readable{fd, POLLIN, 0};
  ::poll(&readable, 1, k_milliseconds);
  return true;
}

} // namespace

FileScan::FileScan(const Wanted& wanted, const std::atomic<bool>& stop)
    : m_wanted(wanted), m_stop(stop), m_finder([this](const TokenSighting& sighting) {
        if (!m_wanted.accepts(sighting.parts)) {
          return;
        }
        if (m_findings.full()) {
          (*m_deliver)(std::exchange(m_findings, {}));
        }
        m_findings.add(sighting, 0, m_wanted.keep_text);
      }),
      m_buffer(k_buffer_size) {}

FileOutcome FileScan::scan(int fd, std::uint64_t largest_binary, const Deliver& deliver) {
  m_deliver = &deliver;
  m_finder.reset();
  FileOutcome outcome;
  outcome.read = true;
  bool ended = false;
  char* const buffer = reinterpret_cast<char*>(m_buffer.data().data());
  while (!ended && !m_stop) {
    std::size_t filled = 0;
    while (filled < k_buffer_size && !ended && !m_stop) {
      const auto taken = uninterrupted([&] { return ::read(fd, buffer + filled, k_buffer_size - filled); });
      if (taken < 0 && errno == EAGAIN && wait_for_input(fd)) {
        continue;
      }
      if (taken < 0) {
        outcome.problem = std::strerror(errno);
      }
      ended = taken <= 0;
      filled += taken > 0 ? static_cast<std::size_t>(taken) : 0;
    }
    const std::string_view chunk(buffer, filled);
    if (outcome.bytes == 0 && chunk.substr(0, k_looked_at_for_binary).find('\0') != std::string_view::npos &&
        is_large(fd, largest_binary)) {
      outcome.skipped = true;
      break;
    }
    outcome.bytes += filled;
    if (ended) {
      m_finder.feed_last(chunk);
    } else {
      m_finder.feed(chunk);
    }
  }
  deliver(std::exchange(m_findings, {}));
  return outcome;
}

} // namespace caplet
