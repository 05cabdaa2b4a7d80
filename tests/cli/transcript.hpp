#pragma once

#include "tests/cli/sandbox.hpp"
#include "tests/cli/script.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace caplet::test {

/// The machine cannot do what a script needs.
struct Skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Plays a script in a sandbox of its own. The commands are described in tests/scripts/README.txt.
///
/// Two rules hold for every run of caplet, whatever the script asks: no raw control character is printed, and a token
/// that was seen once is never printed again, not even a part of its secret.
class Transcript {
public:
  explicit Transcript(const Script& script);

  /// Plays all lines. Throws Failure with line number and the last output; Skipped.
  void play();
  std::size_t checks() const noexcept { return m_checks; }

private:
  struct Command;
  /// What stands before a command: `!` or `? N`.
  struct Expected {
    enum class Kind { success, failure, exactly };
    Kind kind = Kind::success;
    int status = 0;
  };
  /// One line: its command, what is expected of it, and the rest of the line.
  struct Call {
    Expected expected;
    std::string rest;
    bool negated() const { return expected.kind == Expected::Kind::failure; }
  };

  static const Command* find_command(std::string_view name);
  void play_line(std::string_view text);
  std::vector<std::string> words(const Call& call, std::size_t least, std::size_t most) const;
  Variables variables() const;
  void require(bool holds, const std::string& what);

  void run(const Call& call, Launch what, bool is_caplet);
  void check_secrets();
  void learn_secrets();

  void do_caplet(const Call& call);
  void do_tty(const Call& call);
  void do_tty_sh(const Call& call);
  void do_sh(const Call& call);
  void do_stdout(const Call& call);
  void do_stderr(const Call& call);
  void do_error(const Call& call);
  void do_stdout_is(const Call& call);
  void do_aligned(const Call& call);
  void do_stdin(const Call& call);
  void do_stdin_text(const Call& call);
  void do_typed(const Call& call);
  void do_env(const Call& call);
  void do_unenv(const Call& call);
  void do_capture(const Call& call);
  void do_winsize(const Call& call);
  void do_exists(const Call& call);
  void do_mode(const Call& call);
  void do_snapshot(const Call& call);
  void do_unchanged(const Call& call);
  void do_no_secrets(const Call& call);
  void do_needs(const Call& call);

  void match(const Call& call, const std::string& text, const char* stream);

  const Script& m_script;
  Sandbox m_sandbox;
  Variables m_captured;
  Outcome m_last;
  std::string m_input;              ///< for the next run
  std::vector<std::string> m_typed; ///< for the next run on a terminal
  unsigned short m_columns = 80;
  Variables m_snapshots;
  std::vector<std::string> m_secrets; ///< parts of every token that was printed
  std::size_t m_checks = 0;
};

} // namespace caplet::test
