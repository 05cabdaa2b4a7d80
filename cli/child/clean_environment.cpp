#include "cli/child/clean_environment.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

namespace caplet {
namespace {

constexpr std::string_view k_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Taken from the caller, where it is harmless.
constexpr std::array<std::string_view, 16> k_locale{
    "LANG",           "LANGUAGE",    "LC_ALL",   "LC_CTYPE", "LC_NUMERIC", "LC_TIME",           "LC_COLLATE",
    "LC_MONETARY",    "LC_MESSAGES", "LC_PAPER", "LC_NAME",  "LC_ADDRESS", "LC_IDENTIFICATION", "LC_TELEPHONE",
    "LC_MEASUREMENT", "TZ"};

/// What the loader, the C library, shells and interpreters act on before a program begins; a `*` stands for any end.
constexpr std::array<std::string_view, 44> k_never{"LD_*",
                                                   "GLIBC_TUNABLES",
                                                   "GCONV_PATH",
                                                   "GETCONF_DIR",
                                                   "HOSTALIASES",
                                                   "LOCALDOMAIN",
                                                   "LOCPATH",
                                                   "MALLOC_*",
                                                   "NIS_PATH",
                                                   "NLSPATH",
                                                   "RESOLV_*",
                                                   "RES_OPTIONS",
                                                   "TZDIR",
                                                   "LIBPATH",
                                                   "SHLIB_PATH",
                                                   "DYLD_*",
                                                   "BASH_*",
                                                   "ENV",
                                                   "IFS",
                                                   "CDPATH",
                                                   "PS4",
                                                   "SHELLOPTS",
                                                   "BASHOPTS",
                                                   "GLOBIGNORE",
                                                   "PYTHON*",
                                                   "PERL*",
                                                   "RUBYOPT",
                                                   "RUBYLIB",
                                                   "NODE_*",
                                                   "ZDOTDIR",
                                                   "FPATH",
                                                   "KSH*",
                                                   "PROMPT_COMMAND",
                                                   "JAVA_TOOL_OPTIONS",
                                                   "_JAVA_OPTIONS",
                                                   "JDK_JAVA_OPTIONS",
                                                   "CLASSPATH",
                                                   "PHPRC",
                                                   "PHP_INI_*",
                                                   "GIT_*",
                                                   "LUA_*",
                                                   "TERMINFO*",
                                                   "TERMCAP",
                                                   "CAPLET_*"};

bool is_never(std::string_view name) {
  return std::any_of(k_never.begin(), k_never.end(), [&](std::string_view each) {
    return each.ends_with('*') ? name.starts_with(each.substr(0, each.size() - 1)) : name == each;
  });
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A locale or a time zone by its name: no path out of the system's directories.
bool is_plain(std::string_view value) {
  constexpr std::string_view k_more = "+-.,@:=/";
  return value.size() <= 128 && !value.starts_with('/') && !value.starts_with(':') &&
         value.find("..") == std::string_view::npos && std::all_of(value.begin(), value.end(), [&](char c) {
           return is_word_character(c) || k_more.find(c) != std::string_view::npos;
         });
}

} // namespace

void check_variable_name(std::string_view name) {
  const bool is_name = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                       std::all_of(name.begin(), name.end(), is_word_character);
  if (!is_name) {
    throw Error(Errc::usage, fmt::format("\"{}\" is no name of a variable", escape(name, 80)),
                "letters, digits and _, not a digit first");
  }
  if (is_never(name)) {
    throw Error(Errc::usage, fmt::format("a function is never given {}", name),
                "it could change what runs, or is caplet's own: take another name");
  }
}

void check_passed_name(std::string_view name) {
  check_variable_name(name);
  if (name == "PATH" || name == "HOME") {
    throw Error(Errc::usage, fmt::format("a caller does not set a function's {}", name),
                fmt::format("give it with the function: --env {}=…", name));
  }
}

void check_assignment(std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not NAME=VALUE", escape(assignment, 80)),
                "for example: --env STAGE=test");
  }
  check_variable_name(assignment.substr(0, equals));
  if (assignment.find('\0') != std::string_view::npos) {
    throw Error(Errc::usage, "a variable's value cannot hold a NUL", "encode it, for example in base64");
  }
}

std::vector<std::string> clean_environment(const Environment& caller, const std::vector<std::string>& passed,
                                           const std::vector<std::string>& assigned,
                                           const std::vector<std::string>& own) {
  std::map<std::string, std::string, std::less<>> variables{{"PATH", std::string(k_path)}};
  if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr) {
    variables["HOME"] = user->pw_dir;
    variables["USER"] = user->pw_name;
    variables["LOGNAME"] = user->pw_name;
    variables["SHELL"] = user->pw_shell;
  }
  for (const std::string_view name : k_locale) {
    if (const auto value = caller(name); value && is_plain(*value)) {
      variables[std::string(name)] = *value;
    }
  }
  for (const std::string& name : passed) {
    if (const auto value = caller(name)) {
      variables[name] = *value;
    }
  }
  for (const auto* list : {&assigned, &own}) {
    for (const std::string& assignment : *list) {
      const auto equals = assignment.find('=');
      variables[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    }
  }
  std::vector<std::string> all;
  all.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    all.push_back(fmt::format("{}={}", name, value));
  }
  return all;
}

} // namespace caplet
