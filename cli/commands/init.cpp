#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "core/token_string.hpp"

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--prefix", "WORD", "what its tokens start with (default: cpl)"},
    Option{"--account", "NAME", "name of the first account (default: your login name)"},
};

int run_init(Context& context, const Arguments& arguments) {
  context.create(arguments.value("prefix").value_or(std::string(k_default_prefix)),
                 arguments.value("account").value_or(login_name()));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_init{
    .path = "init",
    .summary = "Make the store and its key.",
    .details = "The first `token create` does it with the defaults. The prefix cannot be changed later.",
    .examples = "caplet init\n"
                "caplet init --prefix acme --account ops",
    .options = k_options,
    .run = run_init,
};

} // namespace caplet
