#include "cli/token_source.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace caplet {
namespace {

constexpr std::size_t k_longest = 8192; // a JWT is far shorter

Secret checked(Secret token, std::string_view source) {
  std::size_t size = token.size();
  if (size > 0 && token.text()[size - 1] == '\n') {
    size -= 1;
    if (size > 0 && token.text()[size - 1] == '\r') {
      size -= 1;
    }
  }
  token.truncate(size);
  if (size == 0) {
    throw Error(Errc::usage, fmt::format("the token from {} is empty", source), "was the variable or file filled?");
  }
  if (token.text().find('\n') != std::string_view::npos) {
    throw Error(Errc::usage, fmt::format("the token from {} has more than one line", source), "give one token");
  }
  return token;
}

Secret read_all(int fd, std::string_view source) {
  Secret bytes(k_longest + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = ::read(fd, bytes.data().data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw Error(Errc::usage, fmt::format("cannot read the token from {}: {}", source, std::strerror(errno)),
                  "check that it is open and readable");
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  if (length > k_longest) {
    throw Error(Errc::usage, fmt::format("the token from {} is longer than any token", source),
                "give one token and no more");
  }
  bytes.truncate(length);
  return bytes;
}

Secret from_option(Context& context, std::string value) {
  if (value == "-") {
    return checked(read_all(STDIN_FILENO, "standard input"), "standard input");
  }
  if (context.err().is_terminal()) {
    context.warn("a token on the command line can be seen by others and stays in the shell's history");
    context.hint("give it on standard input (--token -), in a file, or in CAPLET_TOKEN");
  }
  Secret token(value);
  wipe(value);
  return checked(std::move(token), "--token");
}

Secret from_file(const std::string& path) {
  const std::string source = fmt::format("{}", escape(path, 4096));
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    throw Error(Errc::usage, fmt::format("cannot read the token from {}: {}", source, std::strerror(errno)),
                "check the path given with --token-file");
  }
  return checked(read_all(file.get(), source), source);
}

Secret from_descriptor(const std::string& text) {
  int fd = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (error != std::errc() || end != text.data() + text.size() || fd < 0) {
    throw Error(Errc::usage,
                fmt::format("--token-fd takes the number of an open descriptor, not \"{}\"", escape(text, 40)),
                "for example: caplet verify --token-fd 3 3<token.txt");
  }
  const std::string source = fmt::format("descriptor {}", fd);
  return checked(read_all(fd, source), source);
}

std::optional<Secret> find_token(Context& context, const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> k_options{"token", "token-file", "token-fd"};
  if (std::count_if(k_options.begin(), k_options.end(), [&](auto each) { return arguments.has(each); }) > 1) {
    throw Error(Errc::usage, "the token is given twice", "use one of --token, --token-file and --token-fd");
  }
  if (auto value = arguments.value("token")) {
    return from_option(context, std::move(*value));
  }
  if (const auto path = arguments.value("token-file")) {
    return from_file(*path);
  }
  if (const auto fd = arguments.value("token-fd")) {
    return from_descriptor(*fd);
  }
  if (auto value = context.environment()("CAPLET_TOKEN")) {
    Secret token(*value);
    wipe(*value);
    return checked(std::move(token), "CAPLET_TOKEN");
  }
  return std::nullopt;
}

} // namespace

Secret given_token(Context& context, const Arguments& arguments) {
  auto token = find_token(context, arguments);
  if (!token) {
    throw Error(Errc::usage, "no token is given",
                "give one with --token - (standard input), --token-file or CAPLET_TOKEN");
  }
  return std::move(*token);
}

std::optional<Secret> acting_token(Context& context, const Arguments& arguments) {
  return find_token(context, arguments);
}

} // namespace caplet
