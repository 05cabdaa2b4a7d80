#pragma once

#include "cli/child/function_process.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace caplet::test {

/// The puppet (puppet/puppet.cpp), sealed.
const SealedProgram& puppet();
SealedProgram seal_script(const std::string& text);

/// Of a program, its words and the least environment; `program` outlives it.
FunctionImage image_of(const SealedProgram& program, std::vector<std::string> words);

/// How a run ended, and what came out of it.
struct Played {
  FunctionEnd end;
  std::string output, errors;
};

/// Runs a function with nothing on standard input. `change` may change the launch before.
Played play(const FunctionImage& image, const std::function<void(FunctionLaunch&)>& change = {});
/// The same for these words: its own name, then its arguments.
Played play(const SealedProgram& program, std::vector<std::string> words,
            const std::function<void(FunctionLaunch&)>& change = {});
/// The puppet that does this. `mark` names its processes.
Played play_puppet(const std::string& mark, std::vector<std::string> words,
                   const std::function<void(FunctionLaunch&)>& change = {});

/// All that is in a memory file.
std::string content_of(int fd);

/// A word that nothing else on this machine has in its command line.
std::string draw_mark();
/// How many processes have it there; zombies have none.
int count_marked(const std::string& mark);
/// The same, once there is none or a second is over.
int survivors(const std::string& mark);

/// CAPLET_STORM times as many: 1 where it is not set.
int rounds(int usual);

} // namespace caplet::test
