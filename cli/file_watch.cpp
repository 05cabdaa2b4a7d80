#include "cli/file_watch.hpp"

#include "cli/output.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace caplet {
namespace {

constexpr int k_look_ms = 1000;
constexpr int k_look_without_inotify_ms = 250;

} // namespace

FileWatch::FileWatch(std::filesystem::path file)
    : m_file(std::move(file)), m_inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  struct stat status {};
  if (::stat(m_file.c_str(), &status) == 0) {
    m_device = status.st_dev;
    m_inode = status.st_ino;
  }
  if (m_inotify.is_open() &&
      ::inotify_add_watch(m_inotify.get(), m_file.parent_path().c_str(), IN_MODIFY | IN_DELETE | IN_MOVED_TO) < 0) {
    m_inotify = Fd();
  }
}

void FileWatch::wait(int out) const {
  // No events are asked for on `out`: an error or a hang-up is told anyway.
  std::array<pollfd, 2> waiting{pollfd{out, 0, 0}, pollfd{m_inotify.get(), POLLIN, 0}};
  ::poll(waiting.data(), waiting.size(), m_inotify.is_open() ? k_look_ms : k_look_without_inotify_ms);
  if ((waiting[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    throw BrokenPipe{};
  }
  std::array<char, 4096> events{};
  while (m_inotify.is_open() && ::read(m_inotify.get(), events.data(), events.size()) > 0) {
  } // what it was does not matter
}

bool FileWatch::is_replaced() const {
  struct stat status {};
  return ::stat(m_file.c_str(), &status) != 0 || status.st_dev != m_device || status.st_ino != m_inode;
}

} // namespace caplet
