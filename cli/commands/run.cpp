#include "cli/child/clean_environment.hpp"
#include "cli/child/exit_status.hpp"
#include "cli/child/function_process.hpp"
#include "cli/child/secret_descriptors.hpp"
#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/function_view.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

namespace caplet {
namespace {

using How = FunctionEnd::How;

constexpr std::array k_options{
    Option{"-f,--file", "FILE", "its input; - passes standard input on (default: it has none)"},
    Option{"--timeout", "TIME", "end it after so long: 30s, 10m; what the function was given still holds"},
    Option{"--checksum", "SHA256", "refuse to run other bytes"},
};

constexpr std::array k_positionals{
    Positional{"FUNCTION", Positional::Count::one, "id, name, or account/name"},
    Positional{"INPUT", Positional::Count::any, "its input, as it stands"},
};

constexpr std::uint64_t k_most_json_output = std::uint64_t{16} << 20U; // it is held in memory

Fd memory(const char* what) {
  Fd fd(::memfd_create(what, MFD_CLOEXEC));
  if (!fd.is_open()) {
    throw Error(Errc::failed, fmt::format("there is no memory for the {}: {}", what, std::strerror(errno)),
                "close other programs");
  }
  return fd;
}

/// Throws Error{usage} where the token or the passphrase was read from there: the function could read it once more.
Fd no_secret(Fd input, Context& context, const Arguments& arguments) {
  if (SecretFiles(arguments, context.environment()).holds(input.get())) {
    throw Error(Errc::usage, "what holds the token or the passphrase cannot be the input as well",
                "give the token in a file of its own, or in CAPLET_TOKEN");
  }
  return input;
}

/// What becomes the function's standard input. A file or memory feeds itself: nobody has to write to a pipe, and nobody
/// waits for one who does not read.
Fd open_input(Context& context, const Arguments& arguments) {
  const auto& words = arguments.positionals();
  const auto file = arguments.value("file");
  if (words.size() > 2 || (words.size() == 2 && file)) {
    throw Error(Errc::usage, "the input is given twice", "one argument, or -f FILE; quote what has blanks");
  }
  if (words.size() == 2) {
    Fd input = memory("input");
    for (std::string_view rest = words[1]; !rest.empty();) {
      const auto written = uninterrupted([&] { return ::write(input.get(), rest.data(), rest.size()); });
      if (written < 0) {
        throw Error(Errc::failed, fmt::format("there is no memory for the input: {}", std::strerror(errno)),
                    "give it as a file: -f FILE");
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(input.get(), 0, SEEK_SET);
    return input;
  }
  if (file == "-") {
    if (arguments.value("token") == "-") {
      throw Error(Errc::usage, "standard input cannot be both the token and the input",
                  "give the token by --token-file or CAPLET_TOKEN");
    }
    return no_secret(Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)), context, arguments);
  }
  const std::string path = file.value_or("/dev/null");
  Fd input(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!input.is_open()) {
    throw Error(Errc::usage, fmt::format("cannot read {}: {}", escape(path, 4096), std::strerror(errno)),
                "check the path given with -f");
  }
  return no_secret(std::move(input), context, arguments);
}

std::string actor_text(const Actor& actor) {
  return actor.kind == Actor::Kind::owner ? "owner" : fmt::format("token:{}", actor.id);
}

std::string how_text(const FunctionEnd& end) {
  switch (end.how) {
  case How::exited:
    return fmt::format("exit status {}", end.exit_status);
  case How::timed_out:
    return "its time was over";
  case How::too_long:
    return "it wrote more than it may";
  case How::not_delivered:
    return fmt::format("its output could not be written: {}", std::strerror(end.error));
  case How::lost:
    break;
  }
  return "it was killed together with its guard";
}

/// One run: from the authorisation, which is durable in the log before anything is executed, to its end in the log.
class FunctionCommand {
public:
  FunctionCommand(Context& context, const Arguments& arguments)
      : m_context(context), m_arguments(arguments), m_input(open_input(context, arguments)),
        m_authority(context.authority_for_run()), m_actor(context.actor(arguments)) {}

  int run() {
    const auto checksum = m_arguments.value("checksum");
    const auto expected = checksum ? std::optional(digest_from(*checksum, "--checksum")) : std::nullopt;
    const auto timeout = m_arguments.value("timeout");
    const auto wanted = timeout ? std::optional(duration_from(*timeout, "--timeout")) : std::nullopt;
    m_is_json = output_format(k_run, m_arguments) == "json";
    begin(expected, wanted);
    FunctionEnd end;
    try {
      if (m_not_started) {
        std::rethrow_exception(m_not_started);
      }
      end = m_process->run();
    } catch (const Error& e) {
      note_end(fmt::format("not run: {}", e.what()));
      throw;
    }
    m_took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - m_start);
    note_end(fmt::format("{}, {} ms", how_text(end), m_took.count()));
    report(end);
    return end.exit_status;
  }

private:
  /// The process starts and makes itself ready while the disk is waited for; it is held until the start is in the log.
  void begin(const std::optional<Digest>& expected, const std::optional<std::chrono::seconds>& wanted) {
    const std::string& selector = m_arguments.positionals().front();
    do { // again where it was replaced meanwhile
      m_run = m_authority.prepare_run(m_actor, selector, expected);
    } while (!m_authority.begin_run(m_actor, m_run,
                                    {.written = [&] { try_to_start(wanted); }, .durable = [&] { release(); }}));
  }

  void try_to_start(const std::optional<std::chrono::seconds>& wanted) {
    try {
      start(wanted);
    } catch (const Error&) {
      m_not_started = std::current_exception(); // that it was tried stays in the log
    }
  }

  void release() noexcept {
    m_start = std::chrono::steady_clock::now();
    if (m_process) {
      m_process->release();
    }
  }

  void start(const std::optional<std::chrono::seconds>& wanted) {
    const FunctionSettings& settings = m_run.function.settings;
    FunctionLaunch& launch = m_launch;
    launch.name = m_run.function.name;
    launch.image = [this] { return image(); };
    launch.directory = settings.directory.empty() ? "/" : settings.directory;
    launch.input = m_input.get();
    launch.most_output = settings.most_output;
    if (wanted || settings.timeout.count() > 0) {
      constexpr std::chrono::seconds k_longest =
          std::chrono::hours(24 * 36500); // what a clock can count in nanoseconds
      const auto own = settings.timeout.count() > 0 ? std::min(settings.timeout, k_longest) : k_longest;
      launch.timeout = std::min(own, wanted.value_or(own));
      m_timeout = std::chrono::duration_cast<std::chrono::seconds>(*launch.timeout);
    }
    m_context.err().flush();
    if (m_is_json) {
      m_output = memory("output");
      launch.output = m_output.get();
      launch.most_output = std::min(launch.most_output, k_most_json_output);
    }
    m_process.emplace(launch);
    m_run.body = Bytes(); // the process has its own
  }

  /// In the function's own process.
  FunctionImage image() {
    const Function& function = m_run.function;
    const FunctionSettings& settings = function.settings;
    m_program.emplace(function.name, m_run.body, function.revision.sha256);
    if (settings.interpreter_sha256) {
      m_interpreter.emplace(SealedProgram::of_file(settings.interpreter, *settings.interpreter_sha256));
    }
    return {*m_program,
            m_interpreter ? &*m_interpreter : nullptr,
            {function.name},
            clean_environment(m_context.environment(), settings.passed, settings.environment,
                              {"CAPLET_FUNCTION=" + function.name, "CAPLET_RUN_ID=" + m_run.id,
                               "CAPLET_ACTOR=" + actor_text(m_actor)})};
  }

  void note_end(const std::string& how) {
    try {
      m_authority.end_run(m_actor, m_run, how);
    } catch (const Error& e) {
      // A full disk has taken nothing of this change; of the start it has.
      m_context.warn(fmt::format("the end of the run is not in the audit log: {}",
                                 e.code() == Errc::full ? "the disk is full" : e.what()));
    }
  }

  void report(const FunctionEnd& end) {
    if (m_is_json) {
      print_json(end);
    }
    if (end.how == How::timed_out) {
      m_context.warn(fmt::format("the function was ended: it ran longer than {}", duration_text(*m_timeout)));
    } else if (end.how != How::exited) {
      m_context.warn(fmt::format("the function was ended: {}", how_text(end)));
    }
    if (end.left_processes) {
      m_context.warn("processes of the function hang in the kernel and could not be killed");
    }
  }

  void print_json(const FunctionEnd& end) {
    std::string output(static_cast<std::size_t>(end.output), '\0');
    const auto got = ::pread(m_output.get(), output.data(), output.size(), 0);
    output.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    nlohmann::ordered_json json{{"function", m_run.function.name},
                                {"function_id", m_run.function.id},
                                {"function_checksum", to_hex(m_run.function.revision.sha256)},
                                {"run_id", m_run.id},
                                {"exit_code", end.exit_status},
                                {"timed_out", end.how == How::timed_out},
                                {"truncated", end.how == How::too_long},
                                {"duration_ms", m_took.count()}};
    try {
      json["output"] = output;
      static_cast<void>(json.dump()); // throws for what is not UTF-8
    } catch (const nlohmann::json::exception&) {
      std::string base64(sodium_base64_encoded_len(output.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
      sodium_bin2base64(base64.data(), base64.size(), reinterpret_cast<const unsigned char*>(output.data()),
                        output.size(), sodium_base64_VARIANT_ORIGINAL);
      base64.pop_back();
      json["output"] = nullptr;
      json["output_base64"] = base64;
    }
    m_context.out().line(json_pretty(json));
    m_context.out().flush();
  }

  Context& m_context;
  const Arguments& m_arguments;
  Fd m_input;
  Authority& m_authority;
  Actor m_actor;
  FunctionRun m_run;
  Fd m_output;
  std::optional<SealedProgram> m_program, m_interpreter; ///< in the function's process
  FunctionLaunch m_launch;
  std::exception_ptr m_not_started;
  std::optional<FunctionProcess> m_process;
  bool m_is_json = false;
  std::optional<std::chrono::seconds> m_timeout;
  std::chrono::steady_clock::time_point m_start;
  std::chrono::milliseconds m_took{0};
};

int run_run(Context& context, const Arguments& arguments) {
  try {
    return FunctionCommand(context, arguments).run();
  } catch (const NotRun&) {
    throw;
  } catch (const Error& e) {
    const int status = e.code() == Errc::not_found ? k_no_program
                       : e.code() == Errc::refused ? k_not_executable
                                                   : k_run_failed;
    throw NotRun(status, e.code(), e.what(), e.hint());
  }
}

} // namespace

constinit const Command k_run{
    .path = "run",
    .summary = "Run a function from exactly the bytes that were sealed.",
    .details =
        "A scoped token needs the scope run:NAME. Its output is passed on byte for byte. The exit status is the "
        "function's own; 128 and the number of the signal that ended it; 124 when its time was over; 125 when "
        "caplet failed, also for a token that may not; 126 when it cannot be executed or has other bytes; 127 when "
        "there is no such function. Nothing that it starts outlives it. CAPLET_FUNCTION, CAPLET_RUN_ID and "
        "CAPLET_ACTOR tell it who runs it. With -o json a function is ended when it writes more than 16 MiB, for the "
        "output "
        "is held in memory: \"truncated\" says so. Where standard output and standard error are one file, their order "
        "is kept.",
    .examples = "caplet run echo 'Hello World' --token \"$T\"\n"
                "caplet run deploy -f release.tar --timeout 10m\n"
                "git diff | caplet run review -f - -o json",
    .positionals = k_positionals,
    .options = k_options,
    .statuses = "0:the function's own, as all that are not here\n"
                "124:its time was over\n"
                "125:caplet failed, or the token may not run it\n"
                "126:it is not executable, or has other bytes than wanted\n"
                "127:there is no such function",
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_run,
};

} // namespace caplet
