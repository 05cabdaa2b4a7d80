#include "tests/cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

namespace caplet::test {
namespace {

using Time = std::chrono::steady_clock;
constexpr int k_nap_ms = 5;
constexpr int k_no_exec = 127;

[[noreturn]] void throw_errno(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

class Descriptor {
public:
  explicit Descriptor(int fd = -1) : m_fd(fd) {}
  Descriptor(Descriptor&& other) noexcept : m_fd(other.m_fd) { other.m_fd = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (m_fd >= 0) {
      ::close(m_fd);
    }
    m_fd = -1;
  }
  int get() const { return m_fd; }

private:
  int m_fd;
};

struct Pipe {
  Descriptor from, to;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw_errno("pipe2");
    }
    from = Descriptor(ends[0]);
    to = Descriptor(ends[1]);
  }
};

Descriptor input_of(const std::string& text) {
  if (text.empty()) {
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw_errno("standard input");
  }
  return file;
}

/// What execve wants, made before the fork.
struct Vectors {
  std::vector<std::string> pairs;
  std::vector<char*> words, variables;

  explicit Vectors(const Launch& what) {
    for (const auto& [name, value] : what.environment) {
      pairs.push_back(name + "=" + value);
    }
    for (const std::string& word : what.words) {
      words.push_back(const_cast<char*>(word.c_str())); // NOLINT: execve does not write to it
    }
    for (std::string& pair : pairs) {
      variables.push_back(pair.data());
    }
    words.push_back(nullptr);
    variables.push_back(nullptr);
  }
};

[[noreturn]] void become(const Launch& what, const Vectors& vectors) {
  ::umask(022);
  if (::chdir(what.directory.c_str()) == 0) {
    ::execve(what.program.c_str(), vectors.words.data(), vectors.variables.data());
  }
  ::_exit(k_no_exec);
}

/// Reads what there is; closes at the end. A pseudo-terminal ends with EIO.
void drain(Descriptor& from, std::string& into) {
  std::array<char, 65536> buffer{};
  const auto got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    from.close();
  }
}

/// Types the next keys where a question stands at the end of the screen: text that ends in ": ", as all of caplet's do.
void type_answer(const Descriptor& screen, const std::vector<std::string>& typed, std::size_t& read, Outcome& outcome) {
  if (outcome.questions < typed.size() && outcome.out.size() > read && outcome.out.ends_with(": ")) {
    const std::string& keys = typed[outcome.questions];
    if (::write(screen.get(), keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
      throw_errno("typing");
    }
    outcome.questions += 1;
    read = outcome.out.size();
  }
}

void follow(pid_t child, Descriptor out, Descriptor err, const Launch& what, Outcome& outcome) {
  std::size_t read = 0; // of the screen, when something was typed last
  const auto end = Time::now() + what.patience;
  int status = 0;
  bool alive = true;
  while (alive || out.get() >= 0 || err.get() >= 0) {
    std::array<pollfd, 2> waiting{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    const int ready = ::poll(waiting.data(), waiting.size(), k_nap_ms);
    if (waiting[0].revents != 0) {
      drain(out, outcome.out);
      if (what.terminal) {
        type_answer(out, what.typed, read, outcome);
      }
    }
    if (waiting[1].revents != 0) {
      drain(err, outcome.err);
    }
    if (alive && ::waitpid(child, &status, WNOHANG) == child) {
      alive = false;
    } else if (!alive && ready == 0) {
      break; // a child of its own still holds the pipes
    }
    if (alive && Time::now() > end) {
      outcome.late = true;
      ::kill(-child, SIGKILL);
    }
  }
  ::kill(-child, SIGKILL);
  outcome.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Outcome launch_with_pipes(const Launch& what) {
  const Vectors vectors(what);
  const Descriptor in = input_of(what.input);
  Pipe out;
  Pipe err;
  const pid_t child = ::fork();
  if (child < 0) {
    throw_errno("fork");
  }
  if (child == 0) {
    ::setsid();
    ::dup2(in.get(), STDIN_FILENO);
    ::dup2(out.to.get(), STDOUT_FILENO);
    ::dup2(err.to.get(), STDERR_FILENO);
    become(what, vectors);
  }
  out.to.close();
  err.to.close();
  Outcome outcome;
  follow(child, std::move(out.from), std::move(err.from), what, outcome);
  return outcome;
}

Outcome launch_on_terminal(const Launch& what) {
  const Vectors vectors(what);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = *what.terminal;
  int screen = -1;
  const pid_t child = ::forkpty(&screen, nullptr, nullptr, &size); // a session of its own
  if (child < 0) {
    throw_errno("forkpty");
  }
  if (child == 0) {
    become(what, vectors);
  }
  const Descriptor kept(::fcntl(screen, F_DUPFD_CLOEXEC, 0)); // to see at the end how the terminal was left
  Outcome outcome;
  follow(child, Descriptor(screen), Descriptor(), what, outcome);
  termios left{};
  constexpr tcflag_t k_usual = ECHO | ICANON | ISIG;
  outcome.echoes = ::tcgetattr(kept.get(), &left) == 0 && (left.c_lflag & k_usual) == k_usual;
  for (std::size_t at = 0; (at = outcome.out.find("\r\n", at)) != std::string::npos;) {
    outcome.out.erase(at, 1);
  }
  return outcome;
}

} // namespace

Outcome launch(const Launch& what) { return what.terminal ? launch_on_terminal(what) : launch_with_pipes(what); }

} // namespace caplet::test
