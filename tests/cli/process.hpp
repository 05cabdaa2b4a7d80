#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace caplet::test {

using Variables = std::map<std::string, std::string, std::less<>>;

/// A program to run: everything that it sees of the world.
struct Launch {
  std::filesystem::path program;
  std::vector<std::string> words; ///< its argv, its own name first
  Variables environment;
  std::filesystem::path directory;
  std::string input;                      ///< for standard input; /dev/null where it is empty
  std::optional<unsigned short> terminal; ///< run on a pseudo-terminal of so many columns
  std::vector<std::string> typed;         ///< keys for it: one string for each question, typed when it stands there
  std::chrono::seconds patience{180};     ///< a hanging program is killed then; a busy machine is slow
};

struct Outcome {
  int status = 0;  ///< exit status, or 128 + signal
  std::string out; ///< on a pseudo-terminal: all that came to the screen, with `\n` for the terminal's `\r\n`
  std::string err;
  bool late = false;         ///< it was killed when patience was over
  std::size_t questions = 0; ///< how many of Launch::typed were typed
  bool echoes = true;        ///< the pseudo-terminal was left as it was found: it shows what is typed
};

/// Runs it to its end, and kills what it leaves behind. Throws std::system_error where the kernel refuses.
Outcome launch(const Launch& what);

} // namespace caplet::test
