#include "tests/cli/transcript.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cwchar>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

constexpr auto k_regex = std::regex::ECMAScript | std::regex::multiline;

std::string quote_regex(const std::string& text) {
  static const std::regex k_special(R"([.^$|()\[\]{}*+?\\])");
  return std::regex_replace(text, k_special, R"(\$&)");
}

std::size_t lines_with(const std::string& text, const std::string& start) {
  std::istringstream in(text);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) {
    count += line.starts_with(start) ? 1U : 0U;
  }
  return count;
}

/// Columns of a line, by the C library: another opinion than caplet's own. Colours take none.
int columns_of(const std::string& line) {
  static const std::regex k_color("\x1b\\[[0-9;]*m");
  const std::string bare = std::regex_replace(line, k_color, "");
  std::setlocale(LC_CTYPE, "C.UTF-8");
  std::mbstate_t state{};
  int columns = 0;
  for (std::size_t at = 0; at < bare.size();) {
    wchar_t c = 0;
    const std::size_t used = std::mbrtowc(&c, bare.data() + at, bare.size() - at, &state);
    if (used == 0 || used > bare.size()) {
      return -1;
    }
    columns += ::wcwidth(c);
    at += used;
  }
  return columns;
}

} // namespace

void Transcript::do_caplet(const Call& call) { run(call, m_sandbox.caplet(words(call, 0, SIZE_MAX)), true); }

void Transcript::do_tty(const Call& call) {
  Launch what = m_sandbox.caplet(words(call, 0, SIZE_MAX));
  what.terminal = m_columns;
  run(call, std::move(what), true);
}

void Transcript::do_sh(const Call& call) {
  Launch what = m_sandbox.shell(call.rest);
  what.environment = variables();
  run(call, std::move(what), false);
}

void Transcript::do_tty_sh(const Call& call) {
  Launch what = m_sandbox.shell(call.rest);
  what.environment = variables();
  what.terminal = m_columns;
  run(call, std::move(what), false);
}

void Transcript::match(const Call& call, const std::string& text, const char* stream) {
  const bool found = std::regex_search(text, std::regex(expand(call.rest, variables(), quote_regex), k_regex));
  require(found != call.negated(), std::string(found ? "there is such a text on " : "no such text on ") + stream);
}

void Transcript::do_stdout(const Call& call) { match(call, m_last.out, "standard output"); }
void Transcript::do_stderr(const Call& call) { match(call, m_last.err, "standard error"); }

void Transcript::do_error(const Call& call) {
  require(m_last.out.empty(), "a failed command printed an answer");
  require(lines_with(m_last.err, "caplet: error: ") == 1, "not one line caplet: error: …");
  require(lines_with(m_last.err, "caplet: hint: ") >= 1, "no line caplet: hint: …");
  match({{}, "^caplet: error: .*" + call.rest}, m_last.err, "the error line");
}

void Transcript::do_stdout_is(const Call& call) {
  require(m_last.out == read_file(m_sandbox.resolve(words(call, 1, 1)[0])), "standard output is another");
}

void Transcript::do_aligned(const Call& call) {
  const auto most = words(call, 0, 1);
  std::istringstream in(m_last.out);
  std::optional<int> first;
  for (std::string line; std::getline(in, line);) {
    const int columns = columns_of(line);
    first = first.value_or(columns);
    require(columns == *first,
            "a line of " + std::to_string(columns) + " columns, the first has " + std::to_string(*first) + ": " + line);
  }
  require(first && *first > 0, "there is no table");
  require(most.empty() || *first <= std::stoi(most[0]), "it is " + std::to_string(*first) + " columns wide");
}

void Transcript::do_stdin(const Call& call) { m_input = read_file(m_sandbox.resolve(words(call, 1, 1)[0])); }
void Transcript::do_stdin_text(const Call& call) { m_input = words(call, 1, 1)[0]; }

void Transcript::do_typed(const Call& call) { m_typed = words(call, 1, SIZE_MAX); }

void Transcript::do_env(const Call& call) {
  for (const std::string& pair : words(call, 1, SIZE_MAX)) {
    const auto equals = pair.find('=');
    require(equals != std::string::npos, "env wants NAME=VALUE");
    m_sandbox.environment[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
}

void Transcript::do_unenv(const Call& call) {
  for (const std::string& name : words(call, 1, SIZE_MAX)) {
    m_sandbox.environment.erase(name);
  }
}

void Transcript::do_capture(const Call& call) {
  std::string text = m_last.out;
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  m_captured[words(call, 1, 1)[0]] = text;
}

void Transcript::do_winsize(const Call& call) {
  m_columns = static_cast<unsigned short>(std::stoi(words(call, 1, 1)[0]));
}

void Transcript::do_exists(const Call& call) {
  for (const std::string& path : words(call, 1, SIZE_MAX)) {
    require(fs::exists(fs::symlink_status(m_sandbox.resolve(path))) != call.negated(), path);
  }
}

void Transcript::do_mode(const Call& call) {
  const auto given = words(call, 2, 2);
  struct stat status {};
  require(::lstat(m_sandbox.resolve(given[0]).c_str(), &status) == 0, "it does not exist");
  std::ostringstream mode;
  mode << std::oct << '0' << (status.st_mode & 07777U);
  require(mode.str() == given[1], "its mode is " + mode.str());
}

void Transcript::do_snapshot(const Call& call) {
  for (const std::string& path : words(call, 1, SIZE_MAX)) {
    m_snapshots[path] = describe_tree(m_sandbox.resolve(path));
  }
}

void Transcript::do_unchanged(const Call& call) {
  for (const std::string& path : words(call, 1, SIZE_MAX)) {
    const auto before = m_snapshots.find(path);
    require(before != m_snapshots.end(), "no snapshot of " + path);
    require(before->second == describe_tree(m_sandbox.resolve(path)), path + " was changed");
  }
}

void Transcript::do_no_secrets(const Call& call) {
  require(!m_secrets.empty(), "no token was printed yet");
  for (const std::string& path : words(call, 1, SIZE_MAX)) {
    const std::string tree = describe_tree(m_sandbox.resolve(path));
    for (const std::string& secret : m_secrets) {
      require(tree.find(secret) == std::string::npos, "a token is in " + path + ": ..." + secret);
    }
  }
}

/// `needs root`; `needs mounts` sets $UNSHARE, a command in front of a shell that may mount; `needs keyring`; `needs
/// clock` is for what calls faketime, which AddressSanitizer's start hangs under.
void Transcript::do_needs(const Call& call) {
  const std::string what = words(call, 1, 1)[0];
  const bool is_root = ::geteuid() == 0;
  if (what == "root") {
    if (!is_root) {
      throw Skipped("not run as root");
    }
  } else if (what == "mounts") {
    m_captured["UNSHARE"] = is_root ? "unshare -m" : "unshare -rm";
    if (launch(m_sandbox.shell(m_captured["UNSHARE"] + " mount -t tmpfs tmpfs .")).status != 0) {
      require(!is_root, "root cannot mount here: run the tests where it can, or as another user");
      throw Skipped("no user namespaces, so no file system can be mounted");
    }
  } else if (what == "clock") {
    if (launch(m_sandbox.shell("grep -qa __asan_init \"$(command -v caplet)\"")).status == 0) {
      throw Skipped("a sanitized program does not start under faketime");
    }
    require(launch(m_sandbox.shell("command -v faketime")).status == 0, "faketime is not installed");
  } else if (what == "keyring") {
    // By keyctl(1), not by caplet: where that one can and caplet cannot, the script is to fail.
    const std::string probe = "k=$(keyctl add user caplet:probe x @u) && keyctl pipe $k && keyctl unlink $k @u";
    if (launch(m_sandbox.shell(probe)).status != 0) {
      throw Skipped("no keyctl, or the kernel gives no keyring here");
    }
  } else {
    throw Failure("needs what?");
  }
}

} // namespace caplet::test
