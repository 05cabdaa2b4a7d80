#include "cli/passphrase_source.hpp"

#include "cli/prompt.hpp"
#include "cli/secret_source.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace caplet {
namespace {

constexpr std::string_view k_what = "passphrase";
constexpr int k_most_attempts = 3;

bool is_given(const Arguments& arguments) {
  if (arguments.has("passphrase-file") && arguments.has("passphrase-fd")) {
    throw Error(Errc::usage, "the passphrase is given twice", "use one of --passphrase-file and --passphrase-fd");
  }
  return arguments.has("passphrase-file") || arguments.has("passphrase-fd");
}

Secret given(const Arguments& arguments) {
  if (const auto path = arguments.value("passphrase-file")) {
    return secret_from_file(*path, k_what, "--passphrase-file");
  }
  return secret_from_descriptor(*arguments.value("passphrase-fd"), k_what, "--passphrase-fd");
}

/// `caplet.passphrase` among the credentials that systemd hands to a service.
std::optional<std::string> credential(const Context& context) {
  const auto directory = context.environment()("CREDENTIALS_DIRECTORY");
  if (!directory) {
    return std::nullopt;
  }
  std::string path = *directory + "/caplet.passphrase";
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? std::optional(std::move(path)) : std::nullopt;
}

} // namespace

Unlocking unlocking_from(Context& context, const Arguments& arguments) {
  Unlocking unlocking;
  if (is_given(arguments)) {
    unlocking.passphrase_first = true;
    // Read once, whoever asks: a descriptor gives it no second time.
    unlocking.passphrase = [&arguments, read = std::make_shared<Secret>()](int attempt) {
      if (read->empty()) {
        *read = given(arguments);
      }
      return attempt == 1 ? std::optional<Secret>(read->view()) : std::nullopt;
    };
  } else if (auto path = credential(context)) {
    unlocking.passphrase = [path = std::move(*path)](int attempt) {
      return attempt == 1 ? std::optional(secret_from_file(path, k_what, "CREDENTIALS_DIRECTORY")) : std::nullopt;
    };
  } else if (context.can_ask(arguments)) {
    unlocking.passphrase = [&context](int attempt) {
      if (attempt > 1) {
        context.warn("that passphrase is wrong");
      }
      return attempt > k_most_attempts ? std::nullopt : std::optional(ask_secret("Passphrase of the store: "));
    };
  }
  return unlocking;
}

Secret long_enough(Secret passphrase) {
  if (passphrase.size() < k_shortest_passphrase) {
    throw Error(Errc::usage, fmt::format("the passphrase is shorter than {} characters", k_shortest_passphrase),
                "five or six random words are good and easy to keep in mind");
  }
  return passphrase;
}

Secret ask_new_passphrase(Context& context, const Arguments& arguments) {
  if (!context.can_ask(arguments)) {
    throw Error(Errc::usage, "there is no terminal to ask for a passphrase", "give it in a file or on a descriptor");
  }
  Secret passphrase = long_enough(ask_secret("New passphrase: "));
  const Secret again = ask_secret("Again: ");
  if (!same_bytes(passphrase.view(), again.view())) {
    throw Error(Errc::usage, "the two passphrases differ", "try again");
  }
  return passphrase;
}

Secret new_passphrase(Context& context, const Arguments& arguments) {
  if (is_given(arguments)) {
    return long_enough(given(arguments));
  }
  if (const auto path = credential(context)) {
    return long_enough(secret_from_file(*path, k_what, "CREDENTIALS_DIRECTORY"));
  }
  return ask_new_passphrase(context, arguments);
}

} // namespace caplet
