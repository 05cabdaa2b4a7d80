#include "cli/commands/all.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/context.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace caplet {
namespace {

namespace fs = std::filesystem;

constexpr std::array k_options{
    Option{"--install", "", "write it to where this shell looks for it, for your user"},
};

constexpr std::array k_positionals{
    Positional{"SHELL", Positional::Count::one, "bash, zsh or fish", "bash,zsh,fish"},
};

fs::path user_directory(const Context& context, const ShellCompletion& completion) {
  const bool is_fish = completion.shell == "fish";
  if (const auto value = context.environment()(is_fish ? "XDG_CONFIG_HOME" : "XDG_DATA_HOME");
      value && fs::path(*value).is_absolute()) {
    return fs::path(*value) / completion.directory;
  }
  const auto home = context.environment()("HOME");
  if (!home) {
    throw Error(Errc::usage, "HOME is not set",
                "leave out --install, and put the script where your shell looks for it");
  }
  return fs::path(*home) / (is_fish ? ".config" : ".local/share") / completion.directory;
}

/// What is left to do, if anything.
std::string next_step(const ShellCompletion& completion, const fs::path& directory) {
  if (completion.shell == "bash") {
    return "It works in new shells, where the package bash-completion is installed";
  }
  if (completion.shell == "zsh") {
    return fmt::format("Before compinit in ~/.zshrc: fpath=({} $fpath)", escape(directory.string(), 4096));
  }
  return "It works in new shells";
}

void install(Context& context, const ShellCompletion& completion) {
  const fs::path directory = user_directory(context, completion);
  const fs::path path = directory / completion.file;
  std::error_code error;
  fs::create_directories(directory, error);
  std::ofstream file(path, std::ios::trunc);
  file << completion.script << std::flush;
  if (error || !file) {
    throw Error(Errc::unavailable, fmt::format("cannot write {}", escape(path.string(), 4096)),
                fmt::format("write it elsewhere: caplet completion {} > FILE", completion.shell));
  }
  context.err().line(fmt::format("Wrote {}", escape(path.string(), 4096)));
  context.err().line(next_step(completion, directory));
}

int run_completion(Context& context, const Arguments& arguments) {
  const auto& all = shell_completions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ShellCompletion& each) {
    return each.shell == arguments.positionals().front();
  });
  if (arguments.has("install")) {
    install(context, *found);
  } else {
    context.out().write(found->script);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_completion{
    .path = "completion",
    .summary = "Print the completion script of a shell.",
    .details =
        "Tab then completes commands, options and their values, and the names and ids of tokens. The package has "
        "the scripts already where the shells look.",
    .examples = "source <(caplet completion bash)\n"
                "caplet completion fish --install",
    .positionals = k_positionals,
    .options = k_options,
    .opens_store = false,
    .run = run_completion,
};

} // namespace caplet
