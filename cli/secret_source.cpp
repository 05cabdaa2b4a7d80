#include "cli/secret_source.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace caplet {
namespace {

constexpr std::size_t k_longest = 8192; // a JWT is far shorter

Secret read_all(int fd, std::string_view what, std::string_view source) {
  Secret bytes(k_longest + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = uninterrupted([&] { return ::read(fd, bytes.data().data() + length, bytes.size() - length); });
    if (got < 0) {
      throw Error(Errc::usage, fmt::format("cannot read the {} from {}: {}", what, source, std::strerror(errno)),
                  "check that it is open and readable");
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  if (length > k_longest) {
    throw Error(Errc::usage, fmt::format("the {0} from {1} is longer than any {0}", what, source),
                fmt::format("give one {} and no more", what));
  }
  bytes.truncate(length);
  return checked_secret(std::move(bytes), what, source);
}

} // namespace

Secret checked_secret(Secret secret, std::string_view what, std::string_view source) {
  std::size_t size = secret.size();
  if (size > 0 && secret.text()[size - 1] == '\n') {
    size -= 1;
    if (size > 0 && secret.text()[size - 1] == '\r') {
      size -= 1;
    }
  }
  secret.truncate(size);
  if (size == 0) {
    throw Error(Errc::usage, fmt::format("the {} from {} is empty", what, source), "was the variable or file filled?");
  }
  if (secret.text().find('\n') != std::string_view::npos) {
    throw Error(Errc::usage, fmt::format("the {} from {} has more than one line", what, source),
                fmt::format("give one {}", what));
  }
  return secret;
}

Secret secret_from_input(std::string_view what) { return read_all(STDIN_FILENO, what, "standard input"); }

Secret secret_from_file(const std::string& path, std::string_view what, std::string_view option) {
  const std::string source = escape(path, 4096);
  const Fd file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!file.is_open()) {
    throw Error(Errc::usage, fmt::format("cannot read the {} from {}: {}", what, source, std::strerror(errno)),
                fmt::format("check the path given with {}", option));
  }
  return read_all(file.get(), what, source);
}

Secret secret_from_descriptor(const std::string& number, std::string_view what, std::string_view option) {
  int fd = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
  if (error != std::errc() || end != number.data() + number.size() || fd < 0) {
    throw Error(Errc::usage,
                fmt::format("{} takes the number of an open descriptor, not \"{}\"", option, escape(number, 40)),
                fmt::format("for example: caplet token list {} 3 3<file", option));
  }
  return read_all(fd, what, fmt::format("descriptor {}", fd));
}

} // namespace caplet
