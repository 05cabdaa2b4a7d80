#include "cli/token_source.hpp"

#include "cli/secret_source.hpp"
#include "core/credential.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace caplet {
namespace {

/// Whether a command asks, or somebody who types.
enum class Look : std::uint8_t { proper, in_passing };

Error not_in_passing(std::string_view source) {
  return {Errc::usage, fmt::format("{} is not read in passing", source), "the command itself reads it"};
}

Secret from_option(Context& context, std::string value, Look look) {
  if (value == "-") {
    if (look == Look::in_passing) {
      throw not_in_passing("standard input");
    }
    return secret_from_input("token");
  }
  if (look == Look::proper && context.err().is_terminal()) {
    context.warn("a token on the command line can be seen by others and stays in the shell's history");
    context.hint("give it on standard input (--token -), in a file, or in CAPLET_TOKEN");
  }
  Secret token(value);
  wipe(value);
  return checked_secret(std::move(token), "token", "--token");
}

Secret from_file(const std::string& path, std::string_view source, Look look) {
  std::error_code none;
  if (look == Look::in_passing && !std::filesystem::is_regular_file(path, none)) { // a pipe would wait, and be emptied
    throw not_in_passing("what is no plain file");
  }
  return secret_from_file(path, "token", source);
}

std::optional<std::string> systemds_token(const Environment& environment) {
  const auto directory = environment("CREDENTIALS_DIRECTORY");
  std::string path = directory.value_or("") + "/caplet.token";
  return directory && ::access(path.c_str(), F_OK) == 0 ? std::optional(std::move(path)) : std::nullopt;
}

std::optional<SourcedToken> given(Context& context, const Arguments& arguments, Look look = Look::proper) {
  constexpr std::array<std::string_view, 3> k_options{"token", "token-file", "token-fd"};
  if (std::count_if(k_options.begin(), k_options.end(), [&](auto each) { return arguments.has(each); }) > 1) {
    throw Error(Errc::usage, "the token is given twice", "use one of --token, --token-file and --token-fd");
  }
  if (auto value = arguments.value("token")) {
    return SourcedToken{from_option(context, std::move(*value), look), "--token"};
  }
  if (const auto path = arguments.value("token-file")) {
    return SourcedToken{from_file(*path, "--token-file", look), "--token-file"};
  }
  if (const auto fd = arguments.value("token-fd")) {
    if (look == Look::in_passing) {
      throw not_in_passing("a descriptor");
    }
    return SourcedToken{secret_from_descriptor(*fd, "token", "--token-fd"), "--token-fd"};
  }
  if (auto value = context.environment()("CAPLET_TOKEN")) {
    Secret token(*value);
    wipe(*value);
    return SourcedToken{checked_secret(std::move(token), "token", "CAPLET_TOKEN"), "CAPLET_TOKEN"};
  }
  if (const auto path = context.environment()("CAPLET_TOKEN_FILE")) {
    return SourcedToken{from_file(*path, "CAPLET_TOKEN_FILE", look), "CAPLET_TOKEN_FILE"};
  }
  if (const auto path = systemds_token(context.environment())) {
    return SourcedToken{from_file(*path, "CREDENTIALS_DIRECTORY", look), "CREDENTIALS_DIRECTORY"};
  }
  return std::nullopt;
}

/// `authority`: null where there is no store.
std::optional<SourcedToken> stored_login(Authority* authority, const std::string& profile) {
  const bool asked_for = profile != k_default_profile;
  if (authority != nullptr) {
    if (auto credential = authority->login(profile)) {
      return SourcedToken{std::move(credential->token), fmt::format("the login \"{}\"", escape(profile)), true};
    }
  }
  if (asked_for) { // who asked for another profile does not act as the owner
    throw Error(
        Errc::rejected, fmt::format("nobody is logged in as profile \"{}\"", escape(profile, 80)),
        "log in: caplet login --profile NAME --token -; who names it: CAPLET_PROFILE, or caplet config get profile");
  }
  return std::nullopt;
}

std::optional<std::string> profile_asked_for(const Context& context, const Arguments& arguments) {
  auto profile = arguments.value("profile");
  return profile ? std::move(profile) : context.environment()("CAPLET_PROFILE");
}

std::string setting_or_default(const Config& config) {
  return config.value("profile").value_or(std::string(k_default_profile));
}

/// profile_of(). What is odd in config.toml, the command will say.
std::string profile_in_passing(const Context& context, const Arguments& arguments) {
  if (auto profile = profile_asked_for(context, arguments)) {
    return *profile;
  }
  const auto file = config_file(context.environment());
  return setting_or_default(file ? Config(*file, [](const std::string& /*warning*/) {}) : Config());
}

} // namespace

std::string profile_of(Context& context, const Arguments& arguments) {
  auto profile = profile_asked_for(context, arguments);
  return profile ? *profile : setting_or_default(context.config());
}

Secret given_token(Context& context, const Arguments& arguments) {
  auto found = given(context, arguments);
  if (!found) {
    throw Error(Errc::usage, "no token is given",
                "give one with --token - (standard input), --token-file or CAPLET_TOKEN");
  }
  return std::move(found->token);
}

std::optional<SourcedToken> find_acting_token(Context& context, const Arguments& arguments) {
  auto found = given(context, arguments);
  if (found) {
    return found;
  }
  const std::string profile = profile_of(context, arguments);
  return stored_login(context.has_store() ? &context.authority() : nullptr, profile);
}

std::optional<SourcedToken> acting_token_in_passing(Context& context, const Arguments& arguments,
                                                    Authority& authority) {
  auto found = given(context, arguments, Look::in_passing);
  return found ? std::move(found) : stored_login(&authority, profile_in_passing(context, arguments));
}

std::optional<Secret> acting_token(Context& context, const Arguments& arguments) {
  auto found = find_acting_token(context, arguments);
  return found ? std::optional(std::move(found->token)) : std::nullopt;
}

std::string_view acting_variable(const Environment& environment) {
  for (const std::string_view variable : {"CAPLET_TOKEN", "CAPLET_TOKEN_FILE"}) {
    if (environment(variable)) {
      return variable;
    }
  }
  return systemds_token(environment) ? "CREDENTIALS_DIRECTORY" : environment("CAPLET_PROFILE") ? "CAPLET_PROFILE" : "";
}

} // namespace caplet
