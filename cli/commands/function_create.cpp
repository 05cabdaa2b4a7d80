#include "cli/child/clean_environment.hpp"
#include "cli/child/exit_status.hpp"
#include "cli/child/sealed_program.hpp"
#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/function_view.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-n,--name", "NAME", "what the function is called, where FILE alone is given"},
    Option{"-d,--description", "TEXT", "what it does"},
    Option{"--replace", "", "make the next revision of a function that exists"},
    Option{"--timeout", "TIME", "end it after so long: 30s, 10m (default: no limit)"},
    Option{"--env", "NAME=VALUE", "a variable for it", true},
    Option{"--pass-env", "NAME", "a variable whose value the caller gives", true},
    Option{"--max-output", "BYTES", "end it after so much output: 64K, 10M (default: 1G)"},
    Option{"--cwd", "DIR", "where it runs (default: /)"},
    Option{"--pin-interpreter", "", "a script runs only as long as its interpreter has the bytes that it has now"},
};

constexpr std::array k_positionals{
    Positional{"NAME", Positional::Count::optional, "what it is called, where --name is not given"},
    Positional{"FILE", Positional::Count::one, "the script or program; - reads standard input"},
};

struct NameAndFile {
  std::string name, file;
};

/// `function create NAME FILE`, or as Cape has it: `deploy FILE --name NAME`.
NameAndFile what_is_given(const Arguments& arguments) {
  const auto& words = arguments.positionals();
  const auto name = arguments.value("name");
  if (words.size() != (name ? 1U : 2U)) {
    throw Error(Errc::usage, "a function is made of a name and a file",
                "caplet function create NAME FILE, or caplet deploy FILE --name NAME");
  }
  return name ? NameAndFile{*name, words[0]} : NameAndFile{words[0], words[1]};
}

Bytes read_input() {
  Bytes bytes(Function::k_largest_body + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = uninterrupted([&] { return ::read(STDIN_FILENO, bytes.data() + length, bytes.size() - length); });
    if (got < 0) {
      throw Error(Errc::usage, fmt::format("cannot read standard input: {}", std::strerror(errno)),
                  "give the file's name");
    }
    if (got == 0) {
      break;
    }
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

Bytes read_file(const std::string& path) {
  if (path == "-") {
    return read_input();
  }
  try {
    return read_program(path, Function::k_largest_body + 1);
  } catch (const NotRun& e) {
    if (e.error() == 0) {
      throw Error(Errc::usage, e.what(), "give a file, or - for standard input");
    }
    throw Error(Errc::usage, fmt::format("cannot read {}: {}", escape(path, 4096), std::strerror(e.error())),
                "check the path");
  }
}

/// What a script's first line starts in the end: what env(1) looks up, where it is env.
std::string interpreter_name(const Shebang& shebang) {
  const auto name_of = [](std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); };
  std::string name = name_of(shebang.path);
  if (name != "env") {
    return name;
  }
  std::string_view rest = shebang.argument;
  if (rest.starts_with("-S")) { // its argument may stand right behind it
    rest.remove_prefix(2);
  }
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    if (!word.empty() && word.front() != '-' && word.find('=') == std::string_view::npos) {
      return name_of(word);
    }
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return name;
}

/// Node looks for its script on a disk, under the name that the kernel has for memory.
void warn_of_node(Context& context, const Shebang& shebang) {
  constexpr std::string_view k_option = "--preserve-symlinks-main";
  const std::string name = interpreter_name(shebang);
  if ((name == "node" || name == "nodejs") && shebang.argument.find(k_option) == std::string::npos) {
    context.warn(fmt::format("{} cannot read a script from memory unless it is told {}", name, k_option));
    context.hint(fmt::format("begin the script with: #!/usr/bin/env -S {} {}", name, k_option));
  }
}

/// Looks at what would run, so that what cannot is refused now and not when it is needed.
void look_at_program(Context& context, const Bytes& body, bool pin, FunctionSettings& settings) {
  constexpr std::string_view k_elf = "\x7f"
                                     "ELF";
  const auto shebang = shebang_of(body);
  if (!shebang && !as_text(body).starts_with(k_elf)) {
    throw Error(Errc::usage, "that is neither a script nor a program",
                "a script starts with #! and the path of its interpreter: #!/bin/sh");
  }
  if (!shebang) {
    if (pin) {
      throw Error(Errc::usage, "a program has no interpreter that could be pinned", "leave --pin-interpreter out");
    }
    return;
  }
  if (!shebang->path.starts_with('/')) {
    throw Error(Errc::usage, fmt::format("the interpreter {} is no full path", escape(shebang->path, 80)),
                "begin the script with #! and a path from / on");
  }
  settings.interpreter = shebang->path;
  warn_of_node(context, *shebang);
  if (pin) {
    const Bytes interpreter = read_program(shebang->path);
    if (!as_text(interpreter).starts_with(k_elf)) {
      throw Error(Errc::usage, "an interpreter that is itself a script cannot be pinned", "name a program behind #!");
    }
    settings.interpreter_sha256 = sha256(interpreter);
    if (shebang->path.ends_with("/env")) {
      context.warn("only env is pinned, and not what it looks up: name the interpreter itself behind #!");
    }
  } else if (::access(shebang->path.c_str(), X_OK) != 0) {
    context.warn(fmt::format("its interpreter {} is not there", escape(shebang->path, 80)));
  }
}

FunctionSettings settings_from(const Arguments& arguments) {
  FunctionSettings settings;
  settings.description = arguments.value("description").value_or("");
  settings.environment = arguments.values("env");
  settings.passed = arguments.values("pass-env");
  for (const std::string& assignment : settings.environment) {
    check_assignment(assignment);
  }
  for (const std::string& name : settings.passed) {
    check_passed_name(name);
  }
  if (const auto timeout = arguments.value("timeout")) {
    settings.timeout = duration_from(*timeout, "--timeout");
  }
  if (const auto most = arguments.value("max-output")) {
    settings.most_output = size_from(*most, "--max-output");
  }
  if (const auto directory = arguments.value("cwd")) {
    if (!directory->starts_with('/')) {
      throw Error(Errc::usage, "--cwd takes a full path: who runs the function may stand anywhere",
                  "for example: --cwd /srv/app");
    }
    settings.directory = *directory;
  }
  return settings;
}

int run_create(Context& context, const Arguments& arguments) {
  const auto given = what_is_given(arguments);
  check_function_name(given.name);
  FunctionSettings settings = settings_from(arguments);
  const Bytes body = read_file(given.file);
  look_at_program(context, body, arguments.has("pin-interpreter"), settings);
  Authority& authority = context.authority_making_store();
  const auto on_taken = arguments.has("replace") ? Authority::OnTaken::replace : Authority::OnTaken::refuse;
  const Function function = authority.create_function(context.actor(arguments), given.name, settings, body, on_taken);
  if (output_format(k_function_create, arguments) == "json") {
    context.out().line(json_pretty(to_json(function)));
    return EXIT_SUCCESS;
  }
  context.out().line(fmt::format("function_id        {}", function.id));
  context.out().line(fmt::format("function_checksum  {}", to_hex(function.revision.sha256)));
  context.out().flush();
  context.err().line(fmt::format(
      "{} {} is revision {}{}.", styled("Success!", Style::green, context.colors(context.err())), function.name,
      function.revision.number, settings.interpreter.empty() ? "" : ", run by " + escape(settings.interpreter, 80)));
  context.err().line(fmt::format("Run it:       caplet run {}", function.name));
  context.err().line(fmt::format("A token for it alone:  caplet token create -n NAME -f {}", function.name));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_function_create{
    .path = "function create",
    .aliases = "deploy",
    .summary = "Seal a script or program in the store, to run it by name.",
    .details = "Its bytes, up to 32 MiB, are what runs from then on, whatever becomes of the file. It runs in a clean "
               "environment: PATH, HOME, USER, LOGNAME, SHELL, the caller's locale and time zone, and what --env and "
               "--pass-env add. --replace gives a function new bytes and new settings; its id and the tokens for it "
               "stay. A script is read from memory, as /dev/fd/3; Node needs to be told: "
               "#!/usr/bin/env -S node --preserve-symlinks-main",
    .examples = "caplet function create deploy ./deploy.sh --timeout 10m --cwd /srv/app\n"
                "caplet deploy ./echo.sh --name echo\n"
                "caplet function create deploy ./deploy.sh --replace",
    .positionals = k_positionals,
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_create,
};

} // namespace caplet
