#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/key_cache.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

using namespace std::chrono_literals;

constexpr auto k_default = std::chrono::seconds(15min);
constexpr auto k_longest = std::chrono::seconds(8h);

constexpr std::array k_options{
    Option{"--for", "TIME", "how long: 15m, 8h (default: 15m; at most 8h)"},
};

std::chrono::seconds time_from(const Arguments& arguments) {
  const auto text = arguments.value("for");
  if (!text) {
    return k_default;
  }
  const auto time = parse_duration(*text);
  if (!time || *time > k_longest) {
    throw Error(Errc::usage, fmt::format("--for takes a time of up to 8 hours, not \"{}\"", escape(*text, 40)),
                "for example: caplet unlock --for 8h");
  }
  return *time;
}

int run_unlock(Context& context, const Arguments& arguments) {
  const std::chrono::seconds time = time_from(arguments);
  context.owners_store().cache_key(time);
  context.out().line(fmt::format("Unlocked for {}", humanize(time)));
  return EXIT_SUCCESS;
}

int run_lock(Context& context, const Arguments& /*arguments*/) {
  context.out().line(forget_store_key(store_id(context.location())) ? "Locked" : "It was not unlocked");
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_unlock{
    .path = "unlock",
    .summary = "Keep the store's key at hand for a time.",
    .details = "The key goes to the kernel's keyring of your user, in memory alone, and is gone after the time or a "
               "restart. Meanwhile a store with a passphrase opens without asking. Where there is no keyring, as in "
               "many containers, it says so, and the passphrase is asked for each time.",
    .examples = "caplet unlock\n"
                "caplet unlock --for 8h",
    .options = k_options,
    .run = run_unlock,
};

constinit const Command k_lock{
    .path = "lock",
    .summary = "Forget the key that unlock keeps.",
    .examples = "caplet lock",
    .opens_store = false,
    .run = run_lock,
};

} // namespace caplet
