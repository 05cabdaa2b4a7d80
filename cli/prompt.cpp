#include "cli/prompt.hpp"

#include "core/error.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace caplet {
namespace {

constexpr std::size_t k_longest = 1024;

// For the signal handler alone: which terminal to put back, and how it was.
int g_terminal = -1; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
termios g_before{};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void put_back_and_end(int signal) {
  ::tcsetattr(g_terminal, TCSANOW, &g_before);
  static_cast<void>(::signal(signal, SIG_DFL));
  static_cast<void>(::raise(signal));
}

/// A terminal that gives each key at once and shows none. Ctrl-C comes as a key, too: what ends us from elsewhere
/// (SIGTERM, or SIGINT from timeout(1)) finds the terminal put back.
class RawTerminal {
public:
  explicit RawTerminal(int fd) {
    if (::tcgetattr(fd, &g_before) != 0) {
      throw Error(Errc::usage, "there is no terminal to ask at");
    }
    g_terminal = fd;
    struct sigaction action {};
    action.sa_handler = put_back_and_end;
    for (std::size_t i = 0; i < k_signals.size(); ++i) {
      ::sigaction(k_signals[i], &action, &m_actions[i]);
    }
    termios raw = g_before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(fd, TCSAFLUSH, &raw);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    ::tcsetattr(g_terminal, TCSAFLUSH, &g_before);
    for (std::size_t i = 0; i < k_signals.size(); ++i) {
      ::sigaction(k_signals[i], &m_actions[i], nullptr);
    }
  }

private:
  static constexpr std::array k_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, k_signals.size()> m_actions{};
};

void say(int fd, std::string_view text) { [[maybe_unused]] const auto written = ::write(fd, text.data(), text.size()); }

/// Takes the last character, of however many bytes, away.
std::size_t without_last(const Secret& line, std::size_t length) {
  constexpr unsigned k_mask = 0xC0;
  constexpr unsigned k_continues = 0x80;
  while (length > 0) {
    --length;
    if ((line.view()[length] & k_mask) != k_continues) {
      break;
    }
  }
  return length;
}

Fd open_terminal(const char* hint) {
  Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.is_open()) {
    throw Error(Errc::usage, "there is no terminal to ask at", hint);
  }
  return terminal;
}

enum class Ended : std::uint8_t { entered, interrupted, gone };

Ended read_line(int fd, Secret& line) {
  constexpr unsigned char k_interrupt = 3;
  constexpr unsigned char k_end = 4;
  constexpr unsigned char k_backspace = 8;
  constexpr unsigned char k_kill = 21;
  constexpr unsigned char k_delete = 127;
  std::size_t length = 0;
  for (;;) {
    unsigned char key = 0;
    const auto got = ::read(fd, &key, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return Ended::gone;
    }
    if (key == k_interrupt) {
      return Ended::interrupted;
    }
    if (key == '\r' || key == '\n' || (key == k_end && length == 0)) {
      line.truncate(length);
      return Ended::entered;
    }
    if (key == k_backspace || key == k_delete) {
      length = without_last(line, length);
    } else if (key == k_kill) {
      length = 0;
    } else if (key >= ' ' && length < line.size()) {
      line.data()[length++] = key;
    }
  }
}

} // namespace

std::string ask_line(std::string_view question) {
  const Fd terminal = open_terminal("say it with an option");
  say(terminal.get(), question);
  std::string line;
  for (char c = 0; line.size() < k_longest;) {
    const auto got = uninterrupted([&] { return ::read(terminal.get(), &c, 1); });
    if (got <= 0) {
      throw Error(Errc::cancelled, "the terminal went away");
    }
    if (c == '\n') {
      break;
    }
    line += c;
  }
  return line;
}

Secret ask_secret(std::string_view question) {
  const Fd terminal = open_terminal("give it in a file or on a descriptor");
  Secret line(k_longest);
  Ended ended{};
  {
    const RawTerminal raw(terminal.get());
    say(terminal.get(), question);
    ended = read_line(terminal.get(), line);
    say(terminal.get(), "\r\x1b[K");
  }
  if (ended == Ended::interrupted) {
    static_cast<void>(::signal(SIGINT, SIG_DFL));
    static_cast<void>(::raise(SIGINT));
  }
  if (ended != Ended::entered) {
    throw Error(Errc::cancelled, "the terminal went away");
  }
  return line;
}

} // namespace caplet
