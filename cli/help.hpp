#pragma once

#include "cli/command.hpp"
#include "cli/layout.hpp"
#include "cli/topics.hpp"

#include <span>
#include <string>
#include <string_view>

namespace caplet {

/// Help texts, made from the table of commands.
std::string command_help(const Command& command, const Layout& layout = Layout());
/// All commands, or those of a group (`token`).
std::string overview(std::string_view group, const Layout& layout = Layout());
/// What `caplet` alone says: the shortest way to a token.
std::string welcome(const Layout& layout = Layout());
/// The commands that both begin with, and what they do.
std::span<const Row> first_steps();

/// `caplet token delete TOKEN... [options]`
std::string usage(const Command& command);
/// What an option's help says, and the words that it takes.
std::string help_of(const Option& option);

} // namespace caplet
