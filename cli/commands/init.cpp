#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/passphrase_source.hpp"
#include "core/token_string.hpp"

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--prefix", "WORD", "what its tokens start with (default: cpl)"},
    Option{"--account", "NAME", "name of the first account (default: your login name)"},
    Option{"--passphrase", "", "open it by a passphrase, not by a key file; asked for twice"},
    Option{"--key-file", "FILE", "make the key file here; CAPLET_KEY_FILE says where it is from then on"},
};

int run_init(Context& context, const Arguments& arguments) {
  NewStore wanted;
  wanted.prefix = arguments.value("prefix").value_or(std::string(k_default_prefix));
  wanted.account = arguments.value("account").value_or(login_name());
  const auto key_file = arguments.value("key-file");
  const bool by_passphrase =
      arguments.has("passphrase") || arguments.has("passphrase-file") || arguments.has("passphrase-fd");
  if (by_passphrase && key_file) {
    throw Error(Errc::usage, "a new store has one key: a passphrase or a key file",
                "add the other afterwards: caplet store key add");
  }
  if (key_file) {
    context.set_key_file(*key_file);
  }
  if (by_passphrase && context.has_store()) { // before a passphrase is asked for in vain
    throw Error(Errc::exists, "there is a store already", "use it, or set CAPLET_HOME to another directory");
  }
  if (by_passphrase) {
    wanted.passphrase = new_passphrase(context, arguments);
  }
  context.create(std::move(wanted));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_init{
    .path = "init",
    .summary = "Make the store and its key.",
    .details = "The first `token create` does it with the defaults. The prefix cannot be changed later.",
    .examples = "caplet init\n"
                "caplet init --prefix acme --account ops\n"
                "caplet init --passphrase",
    .options = k_options,
    .run = run_init,
};

} // namespace caplet
