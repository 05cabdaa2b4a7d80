#include "cli/commands/all.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/context.hpp"
#include "cli/man.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace caplet {
namespace {

constexpr std::array k_positionals{
    Positional{"WORD", Positional::Count::one, "what to write", "man,completions"},
    Positional{"DIR", Positional::Count::one, "a directory for the files"},
};

int run_generate(Context& /*context*/, const Arguments& arguments) {
  const std::filesystem::path directory(arguments.positionals()[1]);
  for (const GeneratedFile& each : arguments.positionals()[0] == "man" ? man_pages() : completion_files()) {
    const std::filesystem::path path = directory / each.name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path);
    file << each.text << std::flush;
    if (!file) {
      throw Error(Errc::failed, fmt::format("cannot write {}", path.string()), "name a directory that can be written");
    }
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_generate{
    .path = "__generate",
    .summary = "Write the manual or the completion scripts, made from the table of commands: for ./dev gen.",
    .positionals = k_positionals,
    .opens_store = false,
    .hidden = true,
    .run = run_generate,
};

} // namespace caplet
