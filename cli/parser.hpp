#pragma once

#include "cli/command.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// What a command line asks for.
struct Invocation {
  const Command* command = nullptr; ///< nothing: help for `topic`
  std::string topic;                ///< a group (`token`), or empty for the whole
  bool help = false;                ///< -h was given
  Arguments arguments;
};

/// Finds the command and reads its options and arguments. Throws Error{usage} with the word that does not fit and the
/// one that was probably meant. Long options may be written --name=VALUE; `--` ends the options.
Invocation parse(std::vector<std::string> words);

/// The value of --color, wherever it stands before `--`; nothing where it is not given.
std::optional<std::string> color_choice(const std::vector<std::string>& words);

/// The command with exactly this path or alias; null for none.
const Command* find_command(std::string_view path);

/// Whether some command's path starts with this word: `token`.
bool is_group(std::string_view word);

} // namespace caplet
