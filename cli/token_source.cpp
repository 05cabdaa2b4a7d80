#include "cli/token_source.hpp"

#include "cli/secret_source.hpp"
#include "core/credential.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

Secret from_option(Context& context, std::string value) {
  if (value == "-") {
    return secret_from_input("token");
  }
  if (context.err().is_terminal()) {
    context.warn("a token on the command line can be seen by others and stays in the shell's history");
    context.hint("give it on standard input (--token -), in a file, or in CAPLET_TOKEN");
  }
  Secret token(value);
  wipe(value);
  return checked_secret(std::move(token), "token", "--token");
}

std::optional<SourcedToken> given(Context& context, const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> k_options{"token", "token-file", "token-fd"};
  if (std::count_if(k_options.begin(), k_options.end(), [&](auto each) { return arguments.has(each); }) > 1) {
    throw Error(Errc::usage, "the token is given twice", "use one of --token, --token-file and --token-fd");
  }
  if (auto value = arguments.value("token")) {
    return SourcedToken{from_option(context, std::move(*value)), "--token"};
  }
  if (const auto path = arguments.value("token-file")) {
    return SourcedToken{secret_from_file(*path, "token", "--token-file"), "--token-file"};
  }
  if (const auto fd = arguments.value("token-fd")) {
    return SourcedToken{secret_from_descriptor(*fd, "token", "--token-fd"), "--token-fd"};
  }
  if (auto value = context.environment()("CAPLET_TOKEN")) {
    Secret token(*value);
    wipe(*value);
    return SourcedToken{checked_secret(std::move(token), "token", "CAPLET_TOKEN"), "CAPLET_TOKEN"};
  }
  if (const auto path = context.environment()("CAPLET_TOKEN_FILE")) {
    return SourcedToken{secret_from_file(*path, "token", "CAPLET_TOKEN_FILE"), "CAPLET_TOKEN_FILE"};
  }
  if (const auto directory = context.environment()("CREDENTIALS_DIRECTORY")) {
    const std::string path = *directory + "/caplet.token";
    if (::access(path.c_str(), F_OK) == 0) {
      return SourcedToken{secret_from_file(path, "token", "CREDENTIALS_DIRECTORY"), "CREDENTIALS_DIRECTORY"};
    }
  }
  return std::nullopt;
}

std::optional<SourcedToken> stored_login(Context& context, const Arguments& arguments) {
  const std::string profile = profile_of(context, arguments);
  const bool asked_for = profile != k_default_profile;
  if (context.has_store()) {
    if (auto credential = context.authority().login(profile)) {
      return SourcedToken{std::move(credential->token), fmt::format("the login \"{}\"", escape(profile)), true};
    }
  }
  if (asked_for) { // who asked for another profile does not act as the owner
    throw Error(Errc::rejected, fmt::format("nobody is logged in as profile \"{}\"", escape(profile, 80)),
                "log in: caplet login --profile NAME --token -");
  }
  return std::nullopt;
}

} // namespace

std::string profile_of(const Context& context, const Arguments& arguments) {
  if (auto profile = arguments.value("profile")) {
    return *profile;
  }
  return context.environment()("CAPLET_PROFILE").value_or(std::string(k_default_profile));
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
  return found ? std::move(found) : stored_login(context, arguments);
}

std::optional<Secret> acting_token(Context& context, const Arguments& arguments) {
  auto found = find_acting_token(context, arguments);
  return found ? std::optional(std::move(found->token)) : std::nullopt;
}

} // namespace caplet
