#pragma once

#include "cli/man.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// A shell that caplet can complete in.
struct ShellCompletion {
  std::string_view shell;     ///< bash
  std::string_view file;      ///< its name where the shell looks for it
  std::string_view directory; ///< where that is for one user, in $XDG_DATA_HOME, or $XDG_CONFIG_HOME for fish
  std::string_view script;
};

const std::vector<ShellCompletion>& shell_completions();

/// The scripts as files: `bash/caplet`, `zsh/_caplet`, `fish/caplet.fish`.
std::vector<GeneratedFile> completion_files();

} // namespace caplet
