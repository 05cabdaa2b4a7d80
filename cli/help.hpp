#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// Help texts, made from the table of commands. At most 80 columns wide.
std::string command_help(const Command& command);
/// All commands, or those of a group (`token`).
std::string overview(std::string_view group);
std::string exit_codes_help();

} // namespace caplet
