#include "cli/process.hpp"

#include "core/error.hpp"
#include "core/redaction.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__)
#define CAPLET_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAPLET_IS_SANITIZED 1
#endif
#endif
#ifndef CAPLET_IS_SANITIZED
#define CAPLET_IS_SANITIZED 0
#endif

namespace caplet {
namespace {

struct Inherited {
  mode_t umask = 022;
  rlimit core{};
  struct sigaction pipe {};
};

Inherited& inherited() noexcept {
  static Inherited taken;
  return taken;
}

void hide(char* text) { sodium_memzero(text, std::strlen(text)); }

} // namespace

void harden_process() {
  if (::getauxval(AT_SECURE) != 0) {
    throw Error(Errc::unsafe, "caplet does not run set-uid or set-gid", "remove the bit: chmod u-s,g-s the program");
  }
  ::getrlimit(RLIMIT_CORE, &inherited().core);
  const rlimit none{0, inherited().core.rlim_max}; // the hard limit stays: a child of exec gets its own back
  ::setrlimit(RLIMIT_CORE, &none);
#if !CAPLET_IS_SANITIZED // the leak checker traces its own process
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  inherited().umask = ::umask(077);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &inherited().pipe);
}

void restore_inherited() noexcept {
  ::umask(inherited().umask);
  ::setrlimit(RLIMIT_CORE, &inherited().core);
  ::sigaction(SIGPIPE, &inherited().pipe, nullptr);
}

void fill_standard_descriptors() noexcept {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) {
      // Opened the wrong way round: reading from 0 and writing to 1 or 2 goes on to fail.
      [[maybe_unused]] const int filled = ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); // the lowest number is fd
    }
  }
}

std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> words;
  bool is_token = false;
  for (int i = 1; i < argc; ++i) {
    words.emplace_back(argv[i]);
    const std::string_view word = words.back();
    if ((is_token && word != "-") || redact_tokens(word) != word) {
      hide(argv[i]);
    }
    // -t may stand behind other short options (`-qt TOKEN`, `-qtTOKEN`). To hide a word too many does no harm: the
    // words have been copied.
    const auto t = word.starts_with('-') && !word.starts_with("--") ? word.find('t') : std::string_view::npos;
    is_token = word == "--token" || (t != std::string_view::npos && t + 1 == word.size());
    if (word.starts_with("--token=")) {
      hide(argv[i] + std::string_view("--token=").size());
    } else if (t != std::string_view::npos) {
      hide(argv[i] + t + 1);
    }
  }
  return words;
}

std::optional<std::string> take_variable(const char* name) {
  char* value = ::secure_getenv(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  std::string copy(value);
  hide(value);
  ::unsetenv(name);
  return copy;
}

} // namespace caplet
