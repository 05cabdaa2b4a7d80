#include "cli/child/sealed_program.hpp"

#include "cli/child/exit_status.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#ifndef MFD_EXEC // Linux 6.3
#define MFD_EXEC 0x0010U
#endif

namespace caplet {
namespace {

constexpr std::size_t k_longest_shebang = 256; // BINPRM_BUF_SIZE
constexpr std::size_t k_longest_memory_name = 249;

Error no_memory(std::string_view what) {
  return {Errc::failed, fmt::format("cannot {} in memory: {}", what, std::strerror(errno)),
          "is there memory left, and does sysctl vm.memfd_noexec allow programs there?"};
}

Fd make_memory(const std::string& name) {
  constexpr unsigned int k_flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Fd memory(::memfd_create(name.c_str(), k_flags | MFD_EXEC));
  if (!memory.is_open() && errno == EINVAL) { // an older kernel: executable without being asked for it
    memory = Fd(::memfd_create(name.c_str(), k_flags));
  }
  if (!memory.is_open()) {
    throw no_memory("keep the program");
  }
  return memory;
}

void write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const auto written = uninterrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (written < 0) {
      throw no_memory("keep the program");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

/// A sealed memfd as it can be read.
class Mapping {
public:
  Mapping(int fd, std::size_t size)
      : m_at(size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0)), m_size(size) {
    if (m_at == MAP_FAILED) {
      throw no_memory("read the program");
    }
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (m_at != nullptr) {
      ::munmap(m_at, m_size);
    }
  }
  ByteView view() const { return {static_cast<const unsigned char*>(m_at), m_size}; }

private:
  void* m_at;
  std::size_t m_size;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

} // namespace

std::optional<Shebang> shebang_of(ByteView bytes) {
  std::string_view line = as_text(bytes.first(std::min(bytes.size(), k_longest_shebang)));
  if (!line.starts_with("#!")) {
    return std::nullopt;
  }
  line = line.substr(2, line.find_first_of(std::string_view("\n\0", 2)) - 2);
  const auto trim = [](std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) {
      text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
      text.remove_suffix(1);
    }
  };
  trim(line);
  Shebang shebang;
  const auto blank = line.find_first_of(" \t");
  shebang.path = line.substr(0, blank);
  if (blank != std::string_view::npos) {
    line.remove_prefix(blank);
    trim(line);
    shebang.argument = line;
  }
  return shebang.path.empty() ? std::nullopt : std::optional(shebang);
}

SealedProgram::SealedProgram(const std::string& name, ByteView bytes, const Digest& expected)
    : m_memory(make_memory(name.substr(0, k_longest_memory_name))) {
  write_all(m_memory.get(), bytes);
  // From here on its writers, this process among them, can change nothing: only now does a hash say anything.
  if (::fcntl(m_memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    throw no_memory("seal the program");
  }
  struct stat status {};
  if (::fstat(m_memory.get(), &status) != 0) {
    throw no_memory("read the program");
  }
  const Mapping sealed(m_memory.get(), static_cast<std::size_t>(status.st_size));
  if (sha256(sealed.view()) != expected) {
    throw NotRun(k_not_executable, Errc::refused,
                 fmt::format("{} is not the program it should be: its SHA-256 is {}", escape(name),
                             to_hex(sha256(sealed.view()))),
                 "compare it with the one that was expected");
  }
  m_shebang = shebang_of(sealed.view());
}

Bytes read_program(const std::string& path, std::size_t most) {
  const Fd file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    throw not_run(escape(path, 4096), errno);
  }
  if (S_ISDIR(status.st_mode)) {
    throw not_run(escape(path, 4096), EISDIR);
  }
  if (!S_ISREG(status.st_mode)) {
    throw NotRun(k_not_executable, Errc::failed, fmt::format("{} is no regular file", escape(path, 4096)),
                 "give the script or program itself");
  }
  Bytes bytes(std::min(static_cast<std::size_t>(status.st_size), most));
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = uninterrupted([&] { return ::read(file.get(), bytes.data() + length, bytes.size() - length); });
    if (got < 0) {
      throw not_run(escape(path, 4096), errno);
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

SealedProgram SealedProgram::of_file(const std::string& path, const Digest& expected) {
  return {path, read_program(path), expected};
}

int execute(int descriptor, const std::optional<Shebang>& shebang, int interpreter, const std::vector<char*>& arguments,
            const std::vector<char*>& environment) noexcept {
  const auto become = [&](int fd, char* const* words) {
    ::syscall(SYS_execveat, fd, "", words, environment.data(), AT_EMPTY_PATH);
    return errno;
  };
  // Perl and others take /dev/fd/3 for descriptor 3 itself and read on from where it stands, which is the end of what
  // was written.
  if (shebang && ::lseek(descriptor, 0, SEEK_SET) != 0) {
    return errno;
  }
  if (!shebang || interpreter < 0) {
    ::fcntl(descriptor, F_SETFD, shebang ? 0 : FD_CLOEXEC);
    return become(descriptor, arguments.data());
  }
  // What the kernel does for `#!`: the interpreter, its one argument, the script's path, and the script's own
  // arguments.
  try {
    ::fcntl(descriptor, F_SETFD, 0);
    std::string path = shebang->path;
    std::string argument = shebang->argument;
    std::string script = fmt::format("/dev/fd/{}", descriptor);
    std::vector<char*> words{path.data()};
    if (!argument.empty()) {
      words.push_back(argument.data());
    }
    words.push_back(script.data());
    words.insert(words.end(), arguments.begin() + 1, arguments.end()); // with the null at its end
    return become(interpreter, words.data());
  } catch (const std::exception&) {
    return ENOMEM;
  }
}

} // namespace caplet
