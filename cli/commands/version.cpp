#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/token_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>
#include <sqlite3.h>

#include <cstdlib>

namespace caplet {
namespace {

int run_version(Context& context, const Arguments& arguments) {
  if (output_format(k_version, arguments) == "json") {
    context.out().line(json_pretty(
        {{"version", CAPLET_VERSION}, {"sqlite", sqlite3_libversion()}, {"libsodium", sodium_version_string()}}));
  } else {
    context.out().line("caplet " CAPLET_VERSION);
  }
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_version{
    .path = "version",
    .summary = "Print the version.",
    .examples = "caplet version",
    .formats = "plain,json",
    .opens_store = false,
    .run = run_version,
};

} // namespace caplet
