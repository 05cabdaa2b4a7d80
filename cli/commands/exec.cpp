#include "cli/child/clean_environment.hpp"
#include "cli/child/command_process.hpp"
#include "cli/child/exit_status.hpp"
#include "cli/child/secret_descriptors.hpp"
#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_options.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

extern char** environ; // NOLINT(readability-redundant-declaration)

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"-s,--scope", "SCOPE", "what the token may do (default: all that you may)", true},
    Option{"--for", "TIME", "how long it lives at most (default: 1h)"},
    Option{"--env", "NAME", "the variable that holds it (default: CAPLET_TOKEN)"},
    Option{"--stdin", "", "hand it over on standard input instead"},
    Option{"--as-file", "", "hand it over in a file, and the file's name in CAPLET_TOKEN_FILE, or --env NAME"},
    Option{"--as-fd", "", "hand it over in a descriptor, and its number in CAPLET_TOKEN_FD, or --env NAME"},
    Option{"--clean-env", "", "give the command a clean environment, not yours"},
};

constexpr std::array k_positionals{
    Positional{"CMD", Positional::Count::many, "the command and its arguments, behind --"},
};

/// Variables of caplet's own that the command does not get: they are, or lead to, tokens of others.
constexpr std::array<std::string_view, 3> k_own{"CAPLET_TOKEN", "CAPLET_TOKEN_FILE", "CAPLET_TOKEN_FD"};
constexpr std::array<std::string_view, 4> k_withheld{"CAPLET_TOKEN", "CAPLET_TOKEN_FILE", "CAPLET_TOKEN_FD",
                                                     "CAPLET_PROFILE"};

enum class Handover : std::uint8_t { variable, input, file, descriptor };

Handover handover_from(const Arguments& arguments) {
  Handover handover = Handover::variable;
  int given = 0;
  const std::array choices{std::pair("stdin", Handover::input), std::pair("as-file", Handover::file),
                           std::pair("as-fd", Handover::descriptor)};
  for (const auto& [option, choice] : choices) {
    if (arguments.has(option)) {
      handover = choice;
      ++given;
    }
  }
  if (given > 1 || (given == 1 && handover == Handover::input && arguments.has("env"))) {
    throw Error(Errc::usage, "the token can be handed over in one way",
                "give one of --env, --stdin, --as-file and --as-fd; --env names the variable of the last two");
  }
  return handover;
}

std::string variable_from(const Arguments& arguments, Handover handover) {
  if (const auto name = arguments.value("env")) {
    if (std::find(k_own.begin(), k_own.end(), *name) == k_own.end()) {
      try {
        check_passed_name(*name);
      } catch (const Error&) { // LD_PRELOAD and PATH, too: there a token only breaks the command
        throw Error(Errc::usage, fmt::format("\"{}\" is no name of a variable for a token", escape(*name, 80)),
                    "--env API_TOKEN");
      }
    }
    return *name;
  }
  return handover == Handover::file         ? "CAPLET_TOKEN_FILE"
         : handover == Handover::descriptor ? "CAPLET_TOKEN_FD"
                                            : "CAPLET_TOKEN";
}

/// A sealed memory file of the secret, read from its beginning: nothing of it ever reaches a disk.
Fd in_memory(const Secret& secret) {
  Fd memory(::memfd_create("token", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const bool written =
      memory.is_open() &&
      ::write(memory.get(), secret.view().data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
      ::write(memory.get(), "\n", 1) == 1 && ::lseek(memory.get(), 0, SEEK_SET) == 0;
  if (!written) {
    throw Error(Errc::failed, fmt::format("there is no memory for the token: {}", std::strerror(errno)),
                "close other programs");
  }
  ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return memory;
}

/// A file in the user's runtime directory, which systemd keeps in memory; gone with this object.
class TokenFile {
public:
  TokenFile(const std::string& directory, const Secret& secret, std::string_view id)
      : m_path(fmt::format("{}/caplet-{}", directory, id)) {
    const Fd file(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    const bool written =
        file.is_open() &&
        ::write(file.get(), secret.view().data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
        ::write(file.get(), "\n", 1) == 1;
    if (!written) {
      const int error = errno;
      remove();
      throw Error(Errc::failed, fmt::format("cannot write {}: {}", escape(m_path, 4096), std::strerror(error)),
                  "hand it over in another way: --as-fd");
    }
  }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  ~TokenFile() { remove(); }
  const std::string& path() const noexcept { return m_path; }
  void remove() const noexcept { ::unlink(m_path.c_str()); }

private:
  std::string m_path;
};

/// The lowest number that the command does not have open.
int free_descriptor() {
  int fd = 3;
  while (::fcntl(fd, F_GETFD) != -1 && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) {
    ++fd;
  }
  return fd;
}

class ExecCommand {
public:
  ExecCommand(Context& context, const Arguments& arguments)
      : m_context(context), m_arguments(arguments), m_handover(handover_from(arguments)),
        m_variable(variable_from(arguments, m_handover)), m_request(request()), m_authority(context.authority()),
        m_actor(context.actor(arguments)) {}

  int run() {
    m_request.ending = ending();
    const Issued issued = m_authority.issue(m_actor, m_request);
    std::optional<LastWill> will;
    try {
      will.emplace([&] { revoke_after_death(issued.token); }, *issued.token.expires_at);
      const int status = run_with(issued);
      revoke(issued.token, will);
      return status;
    } catch (...) {
      revoke(issued.token, will);
      throw;
    }
  }

private:
  TokenRequest request() const {
    const std::string& command = m_arguments.positionals().front();
    TokenRequest request;
    std::string name = std::filesystem::path(command).filename().string();
    try {
      check_name(name);
    } catch (const Error&) {
      name = "command";
    }
    request.name = fmt::format("exec {} {}", name.substr(0, 40), draw_id());
    request.description = "of caplet exec, ends with its command";
    request.scopes = m_arguments.values("scope");
    return request;
  }

  /// As long as was asked for, and no longer than the token that asks, and the policy, allow.
  Ending ending() {
    auto length = duration_from(m_arguments.value("for").value_or("1h"), "--for");
    length = std::min(length, m_authority.policy().longest_lifetime.value_or(length));
    Instant end = std::chrono::floor<std::chrono::seconds>(m_context.clock().now()) + length;
    if (m_actor.kind == Actor::Kind::token && m_actor.may_manage) {
      end = std::min(end, m_authority.find(m_actor, m_actor.id).expires_at.value_or(end));
    }
    return {end};
  }

  int run_with(const Issued& issued) {
    CommandLaunch launch;
    launch.words = m_arguments.positionals();
    launch.environment = environment();
    launch.withheld = SecretFiles(m_arguments, m_context.environment()).inherited();
    Fd memory;
    std::optional<TokenFile> file;
    switch (m_handover) {
    case Handover::variable:
      launch.environment.push_back(fmt::format("{}={}", m_variable, issued.secret.text()));
      break;
    case Handover::input:
      memory = in_memory(issued.secret);
      launch.input = memory.get();
      break;
    case Handover::file:
      if (const auto directory = m_context.environment()("XDG_RUNTIME_DIR"); directory && is_in_memory(*directory)) {
        file.emplace(*directory, issued.secret, issued.token.id);
        launch.environment.push_back(fmt::format("{}={}", m_variable, file->path()));
        break;
      }
      hand_descriptor(launch, memory, issued.secret);
      launch.environment.push_back(fmt::format("{}=/dev/fd/{}", m_variable, launch.handed_as));
      break;
    case Handover::descriptor:
      hand_descriptor(launch, memory, issued.secret);
      launch.environment.push_back(fmt::format("{}={}", m_variable, launch.handed_as));
      break;
    }
    m_context.err().flush();
    const int status = run_command(launch);
    if (m_handover == Handover::variable) {
      wipe(launch.environment.back());
    }
    return status;
  }

  static void hand_descriptor(CommandLaunch& launch, Fd& memory, const Secret& secret) {
    memory = in_memory(secret);
    launch.handed = memory.get();
    launch.handed_as = free_descriptor();
  }

  /// A directory for this user alone, of which nothing reaches a disk.
  static bool is_in_memory(const std::string& directory) {
    struct stat status {};
    struct statfs system {};
    return directory.starts_with('/') && ::lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid() && (status.st_mode & 077U) == 0 && ::statfs(directory.c_str(), &system) == 0 &&
           system.f_type == TMPFS_MAGIC;
  }

  std::vector<std::string> environment() const {
    std::vector<std::string> variables;
    if (m_arguments.has("clean-env")) {
      variables = clean_environment(m_context.environment(), {}, {}, {});
    } else {
      for (char** each = environ; *each != nullptr; ++each) {
        variables.emplace_back(*each);
      }
    }
    std::erase_if(variables, [&](const std::string& each) {
      const std::string_view name = std::string_view(each).substr(0, each.find('='));
      return name == m_variable || std::find(k_withheld.begin(), k_withheld.end(), name) != k_withheld.end();
    });
    return variables;
  }

  /// Where it cannot be, the last will goes on trying.
  void revoke(const Token& token, std::optional<LastWill>& will) {
    try {
      m_authority.revoke(m_actor, token.id, {"its command has ended"});
      if (will) {
        will->release();
      }
    } catch (const Error& e) {
      m_context.warn(fmt::format("the command's token could not be revoked yet: {}", e.what()));
      m_context.hint(
          fmt::format("that is tried until it expires; to do it yourself: caplet token delete {}", token.id));
    }
  }

  /// In the process that outlives this one.
  void revoke_after_death(const Token& token) {
    if (const auto directory = m_context.environment()("XDG_RUNTIME_DIR"); directory && m_handover == Handover::file) {
      ::unlink(fmt::format("{}/caplet-{}", *directory, token.id).c_str());
    }
    const auto store = m_context.reopened_store();
    Authority authority(*store, m_context.clock());
    authority.revoke(m_actor, token.id, {"caplet was killed, or could not revoke it when its command ended"});
  }

  Context& m_context;
  const Arguments& m_arguments;
  Handover m_handover;
  std::string m_variable;
  TokenRequest m_request;
  Authority& m_authority;
  Actor m_actor;
};

int run_exec(Context& context, const Arguments& arguments) {
  try {
    return ExecCommand(context, arguments).run();
  } catch (const NotRun&) {
    throw;
  } catch (const Error& e) {
    throw NotRun(k_run_failed, e.code(), e.what(), e.hint());
  }
}

} // namespace

constinit const Command k_exec{
    .path = "exec",
    .summary = "Run a command with a token of its own, which ends with it.",
    .details =
        "The token is minted for the command, with the scopes given, no wider than yours and no longer than --for "
        "or your own token's life; where your token's uses are limited, it has those that are left, and gives back "
        "what "
        "it does not use. It is revoked when the command ends; when caplet is killed, by a process that "
        "waits for that; and where that is killed, too, it expires. The command has your terminal and your "
        "environment, but none of caplet's other secrets, nor what they were read from: where that was standard "
        "input, it has /dev/null. The exit status is the command's own, 128 and the number "
        "of the signal that ended it, 125 when caplet failed, 126 when the command cannot be executed, 127 when "
        "there is none.",
    .examples = "caplet exec -s run:deploy -- make release\n"
                "caplet exec -s orders:read --for 10m --env API_TOKEN -- ./report.sh",
    .positionals = k_positionals,
    .options = k_options,
    .statuses = "0:the command's own, as all that are not here\n"
                "125:caplet failed, or the token may not\n"
                "126:the command is not executable\n"
                "127:there is no such command",
    .token = TokenRole::actor,
    .run = run_exec,
};

} // namespace caplet
