#include "tests/cli/transcript.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <regex>
#include <utility>

namespace caplet::test {
namespace {

constexpr std::size_t k_shortest_typed = 8; // keys that could not be on the screen by chance
constexpr std::size_t k_window = 16;        // characters of a secret that are enough to call it leaked

/// The first raw control character that is neither a line break, a tab, nor part of a colour; npos for none. On a
/// terminal, a question and a progress bar go back to the start of their line and erase the rest of it.
std::size_t raw_control(std::string_view text, bool on_terminal) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0x1B && i + 1 < text.size() && text[i + 1] == '[') {
      const auto end = text.find_first_not_of("0123456789;", i + 2);
      if (end != std::string_view::npos && (text[end] == 'm' || (on_terminal && text[end] == 'K'))) {
        i = end;
        continue;
      }
    }
    if ((c < 0x20 && c != '\n' && c != '\t' && !(on_terminal && c == '\r')) || c == 0x7F) {
      return i;
    }
  }
  return std::string_view::npos;
}

} // namespace

struct Transcript::Command {
  std::string_view name;
  void (Transcript::*run)(const Call&);
};

const Transcript::Command* Transcript::find_command(std::string_view name) {
  static constexpr std::array k_commands{Command{"caplet", &Transcript::do_caplet},
                                         Command{"tty", &Transcript::do_tty},
                                         Command{"tty-sh", &Transcript::do_tty_sh},
                                         Command{"sh", &Transcript::do_sh},
                                         Command{"stdout", &Transcript::do_stdout},
                                         Command{"stderr", &Transcript::do_stderr},
                                         Command{"error", &Transcript::do_error},
                                         Command{"stdout-is", &Transcript::do_stdout_is},
                                         Command{"aligned", &Transcript::do_aligned},
                                         Command{"stdin", &Transcript::do_stdin},
                                         Command{"stdin-text", &Transcript::do_stdin_text},
                                         Command{"typed", &Transcript::do_typed},
                                         Command{"env", &Transcript::do_env},
                                         Command{"unenv", &Transcript::do_unenv},
                                         Command{"capture", &Transcript::do_capture},
                                         Command{"winsize", &Transcript::do_winsize},
                                         Command{"exists", &Transcript::do_exists},
                                         Command{"mode", &Transcript::do_mode},
                                         Command{"snapshot", &Transcript::do_snapshot},
                                         Command{"unchanged", &Transcript::do_unchanged},
                                         Command{"no-secrets", &Transcript::do_no_secrets},
                                         Command{"needs", &Transcript::do_needs}};
  const auto* const found =
      std::find_if(k_commands.begin(), k_commands.end(), [&](const Command& each) { return each.name == name; });
  return found == k_commands.end() ? nullptr : found;
}

Transcript::Transcript(const Script& script) : m_script(script) {
  for (const auto& [name, content] : script.files) {
    const auto path = m_sandbox.resolve(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
}

void Transcript::play() {
  for (const Script::Line& line : m_script.lines) {
    try {
      play_line(line.text);
    } catch (const Failure& failure) {
      throw Failure(m_script.path.filename().string() + ":" + std::to_string(line.number) + ": " + line.text + "\n  " +
                    failure.what() + "\n[exit status]\n" + std::to_string(m_last.status) + "\n[stdout]\n" + m_last.out +
                    "[stderr]\n" + m_last.err);
    }
  }
}

void Transcript::play_line(std::string_view text) {
  const auto take_word = [&] {
    const std::string word(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t")));
    return word;
  };
  Call call;
  std::string name = take_word();
  if (name == "!") {
    call.expected.kind = Expected::Kind::failure;
    name = take_word();
  } else if (name == "?") {
    const std::string number = take_word();
    call.expected.kind = Expected::Kind::exactly;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), call.expected.status);
    if (error != std::errc() || end != number.data() + number.size()) {
      throw Failure("? wants an exit status");
    }
    name = take_word();
  }
  const Command* command = find_command(name);
  if (command == nullptr) {
    throw Failure("unknown command " + name);
  }
  call.rest = text;
  m_checks += 1;
  (this->*command->run)(call);
}

std::vector<std::string> Transcript::words(const Call& call, std::size_t least, std::size_t most) const {
  auto words = words_of(call.rest, variables());
  if (words.size() < least || words.size() > most) {
    throw Failure("wrong number of words");
  }
  return words;
}

/// What a script sees by $NAME: the environment of the runs, the directories, and what was captured.
Variables Transcript::variables() const {
  Variables all = m_captured;
  all.insert(m_sandbox.environment.begin(), m_sandbox.environment.end());
  all.try_emplace("WORK", m_sandbox.work().string());
  all.try_emplace("VECTORS", CAPLET_VECTORS);
  return all;
}

void Transcript::require(bool holds, const std::string& what) {
  if (!holds) {
    throw Failure(what);
  }
}

void Transcript::run(const Call& call, Launch what, bool is_caplet) {
  what.input = std::exchange(m_input, {});
  what.typed = std::exchange(m_typed, {});
  m_last = launch(what);
  require(!m_last.late, "it was still running after " + std::to_string(what.patience.count()) + " seconds");
  require(m_last.questions == what.typed.size(),
          "it asked " + std::to_string(m_last.questions) + " of " + std::to_string(what.typed.size()) + " questions");
  require(m_last.echoes, "it left the terminal in another mode");
  for (const std::string& keys : what.typed) {
    const auto seen =
        keys.size() >= k_shortest_typed ? m_last.out.find(keys.substr(0, k_shortest_typed)) : std::string::npos;
    require(seen == std::string::npos, "what was typed is on the screen");
  }
  if (is_caplet) {
    require(raw_control(m_last.out, what.terminal.has_value()) == std::string::npos,
            "a raw control character on standard output");
    require(raw_control(m_last.err, false) == std::string::npos, "a raw control character on standard error");
    check_secrets();
  }
  learn_secrets();
  switch (call.expected.kind) {
  case Expected::Kind::success:
    return require(m_last.status == 0, "it failed");
  case Expected::Kind::failure:
    return require(m_last.status != 0, "it should have failed");
  case Expected::Kind::exactly:
    return require(m_last.status == call.expected.status,
                   "exit status " + std::to_string(m_last.status) + ", not " + std::to_string(call.expected.status));
  }
}

void Transcript::check_secrets() {
  for (const std::string& secret : m_secrets) {
    require(m_last.out.find(secret) == std::string::npos, "a token was printed a second time: ..." + secret);
    require(m_last.err.find(secret) == std::string::npos, "a token is on standard error: ..." + secret);
  }
}

void Transcript::learn_secrets() {
  static const std::regex k_token("[a-z0-9]{2,10}_[ps]at_[0-9A-Za-z]{12}_([0-9A-Za-z]{49})");
  static const std::regex k_jwt("eyJ[0-9A-Za-z_-]+\\.[0-9A-Za-z_-]+\\.([0-9A-Za-z_-]{86})"); // its signature
  for (const std::regex& form : {k_token, k_jwt}) {
    for (std::sregex_iterator at(m_last.out.begin(), m_last.out.end(), form), end; at != end; ++at) {
      const std::string secret = at->str(1);
      m_secrets.push_back(secret.substr(0, k_window));
      m_secrets.push_back(secret.substr(secret.size() - k_window));
    }
  }
}

} // namespace caplet::test
