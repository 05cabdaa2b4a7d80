#include "cli/child/secret_descriptors.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace caplet {
namespace {

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::pair<dev_t, ino_t> file_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

/// A terminal, /dev/null.
bool is_device(const struct stat& status) { return S_ISCHR(status.st_mode); }

} // namespace

SecretFiles::SecretFiles(const Arguments& arguments, const Environment& environment) {
  if (arguments.value("token") == "-") {
    add_descriptor(STDIN_FILENO);
  }
  for (const char* option : {"token-fd", "passphrase-fd"}) {
    if (const auto fd = number_of(arguments.value(option).value_or(""))) {
      add_descriptor(*fd);
    }
  }
  for (const char* option : {"token-file", "passphrase-file"}) {
    add_path(arguments.value(option).value_or(""));
  }
  add_path(environment("CAPLET_TOKEN_FILE").value_or(""));
  if (const auto directory = environment("CREDENTIALS_DIRECTORY")) {
    add_path(*directory + "/caplet.token");
    add_path(*directory + "/caplet.passphrase");
  }
}

void SecretFiles::add_descriptor(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) == 0 && !is_device(status)) {
    m_files.push_back(file_of(status));
  }
}

void SecretFiles::add_path(const std::string& path) {
  struct stat status {};
  if (!path.empty() && ::stat(path.c_str(), &status) == 0 && !is_device(status)) {
    m_files.push_back(file_of(status));
  }
}

bool SecretFiles::holds(int fd) const {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && !is_device(status) &&
         std::find(m_files.begin(), m_files.end(), file_of(status)) != m_files.end();
}

std::vector<int> SecretFiles::inherited() const {
  std::vector<int> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), &::closedir);
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    const auto fd = number_of(entry->d_name);
    if (!fd || (::fcntl(*fd, F_GETFD) & FD_CLOEXEC) != 0 || !holds(*fd)) {
      continue;
    }
    struct stat status {};
    ::fstat(*fd, &status);
    // Of a pipe or socket all was read; where it is output as well, it stays that.
    if (S_ISREG(status.st_mode) || (*fd != STDOUT_FILENO && *fd != STDERR_FILENO)) {
      found.push_back(*fd);
    }
  }
  return found;
}

} // namespace caplet
