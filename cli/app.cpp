#include "cli/app.hpp"

#include "cli/child/exit_status.hpp"
#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/parser.hpp"
#include "cli/passphrase_source.hpp"
#include "cli/process.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>

namespace caplet {
namespace {

/// How lists are printed where the command line does not say it. What else config.toml holds is asked for where it is
/// used, and never counts as given on the command line.
void apply_config(Context& context, const Command& command, Arguments& arguments) {
  const Config& config = context.config();
  const auto formats = split(command.formats);
  // Of lists alone: what prints a token or a sentence is read by scripts, which know nothing of a person's settings.
  const auto output = config.value("output");
  const bool is_list = command.formats.starts_with("table") && !arguments.has("output") && !arguments.has("json");
  const bool has_no_end = arguments.has("follow") && output == "json";
  if (output && is_list && !has_no_end && std::find(formats.begin(), formats.end(), *output) != formats.end()) {
    arguments.set("output", *output);
  }
}

int dispatch(Context& context, Invocation& invocation) {
  if (invocation.command == nullptr) {
    const bool alone = invocation.topic.empty() && !invocation.help;
    context.out().write(alone ? welcome(context.layout()) : overview(invocation.topic, context.layout()));
    return EXIT_SUCCESS;
  }
  if (invocation.help) {
    context.out().write(command_help(*invocation.command, context.layout()));
    return EXIT_SUCCESS;
  }
  if (invocation.command->opens_store) {
    apply_config(context, *invocation.command, invocation.arguments);
    context.set_unlocking(unlocking_from(context, invocation.arguments));
  }
  return invocation.command->run(context, invocation.arguments);
}

/// `run` and `exec` leave the exit statuses below 124 to what they run, whatever goes wrong.
bool runs_another_program(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--color") {
      ++i;
    } else if (!words[i].starts_with('-')) {
      return words[i] == "run" || words[i] == "exec";
    }
  }
  return false;
}

int run_guarded(Context& context, std::vector<std::string> words) {
  const bool runs_another = runs_another_program(words);
  const auto fail = [&](const Error& error) {
    context.out().discard(); // a command that failed gives no half answer
    context.report(error);
    const auto* not_run = dynamic_cast<const NotRun*>(&error);
    return not_run != nullptr ? not_run->exit_status()
           : runs_another     ? k_run_failed
                              : errc_info(error.code()).exit_status;
  };
  try {
    harden_process();
    context.set_color(color_choice(words)); // before parsing: its errors are coloured, too
    Invocation invocation = parse(std::move(words));
    const int status = dispatch(context, invocation);
    context.out().flush();
    return status;
  } catch (const Error& error) {
    return fail(error);
  } catch (const BrokenPipe&) {
    return 128 + SIGPIPE;
  } catch (const std::bad_alloc&) {
    return fail({Errc::failed, "out of memory", "close other programs, or raise the limit (ulimit -v)"});
  } catch (const std::exception& error) {
    return fail(
        {Errc::failed, fmt::format("unexpected: {}", error.what()), "this is a defect of caplet: please report it"});
  }
}

} // namespace

int run(int argc, char** argv) {
  fill_standard_descriptors();
  Output out(STDOUT_FILENO);
  Output err(STDERR_FILENO, Output::OnFailure::ignore);
  // Set and empty is not the same as not set: a pipeline whose secret is missing must not act as the owner.
  std::optional<std::string> token = take_variable("CAPLET_TOKEN");
  const Environment environment = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "CAPLET_TOKEN") {
      return token;
    }
    const char* value = ::secure_getenv(std::string(name).c_str());
    const bool is_missing = value == nullptr || (*value == '\0' && name != "CAPLET_TOKEN_FILE");
    return is_missing ? std::nullopt : std::optional<std::string>(value);
  };
  const SystemClock clock;
  Context context(out, err, environment, clock);
  const int status = run_guarded(context, take_arguments(argc, argv));
  if (token) {
    wipe(*token);
  }
  err.flush();
#ifndef CAPLET_SANITIZED // a build that looks for leaks
  // The kernel takes back all that the process holds in less time than it takes to give it back piece by piece.
  wipe_small_secrets();
  std::_Exit(status);
#endif
  return status;
}

} // namespace caplet
