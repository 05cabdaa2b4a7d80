#include "cli/token_source.hpp"

#include "cli/secret_source.hpp"
#include "core/error.hpp"

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

std::optional<Secret> find_token(Context& context, const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> k_options{"token", "token-file", "token-fd"};
  if (std::count_if(k_options.begin(), k_options.end(), [&](auto each) { return arguments.has(each); }) > 1) {
    throw Error(Errc::usage, "the token is given twice", "use one of --token, --token-file and --token-fd");
  }
  if (auto value = arguments.value("token")) {
    return from_option(context, std::move(*value));
  }
  if (const auto path = arguments.value("token-file")) {
    return secret_from_file(*path, "token", "--token-file");
  }
  if (const auto fd = arguments.value("token-fd")) {
    return secret_from_descriptor(*fd, "token", "--token-fd");
  }
  if (auto value = context.environment()("CAPLET_TOKEN")) {
    Secret token(*value);
    wipe(*value);
    return checked_secret(std::move(token), "token", "CAPLET_TOKEN");
  }
  return std::nullopt;
}

} // namespace

Secret given_token(Context& context, const Arguments& arguments) {
  auto token = find_token(context, arguments);
  if (!token) {
    throw Error(Errc::usage, "no token is given",
                "give one with --token - (standard input), --token-file or CAPLET_TOKEN");
  }
  return std::move(*token);
}

std::optional<Secret> acting_token(Context& context, const Arguments& arguments) {
  return find_token(context, arguments);
}

} // namespace caplet
