#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/secret_view.hpp"
#include "cli/token_lookup.hpp"
#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--grace", "TIME", "the old secret stays good for so long: 1h, 7d (default: it dies now)"},
    Option{"--until-used", "", "with --grace: it dies when the new one is first used"},
    Option{"-e,--expiry,--expires", "WHEN", "a new expiry: 30d, 2027-01-31, never (default: it stays)"},
    Option{"--abort", "", "go back to the old secret, while its grace lasts and the new one is unused"},
    Option{"--out", "FILE", "write the new secret to a new file (0600) instead"},
};

constexpr std::array k_positionals{
    Positional{"TOKEN", Positional::Count::one, "id or name"},
};

Rotation rotation_from(const Arguments& arguments, Instant now) {
  Rotation rotation;
  if (const auto grace = arguments.value("grace")) {
    rotation.grace = duration_from(*grace, "--grace");
  }
  if (arguments.has("until-used")) {
    if (!arguments.has("grace")) {
      throw Error(Errc::usage, "--until-used goes with --grace",
                  "say for how long at the most: --grace 7d --until-used");
    }
    rotation.ends = PreviousSecret::Ends::at_first_use;
  }
  rotation.ending = ending_from(arguments, now);
  return rotation;
}

int run_abort(Context& context, const Arguments& arguments) {
  for (const std::string_view other : {"grace", "until-used", "expires", "out"}) {
    if (arguments.has(other)) {
      throw Error(Errc::usage, fmt::format("--abort makes no new secret, and --{} is about one", other),
                  "give --abort alone");
    }
  }
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const std::string& selector = arguments.positionals().front();
  const Token token = looking_up(context, actor, selector, [&] { return authority.abort_rotation(actor, selector); });
  context.out().line(fmt::format("Aborted the rotation of {}: its old secret is the one that counts", token.id));
  return EXIT_SUCCESS;
}

int run_rotate(Context& context, const Arguments& arguments) {
  if (arguments.has("abort")) {
    return run_abort(context, arguments);
  }
  const Rotation rotation = rotation_from(arguments, context.now());
  const std::string format = output_format(k_token_rotate, arguments);
  SecretView view(context, format, arguments.value("out"));
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  const std::string& selector = arguments.positionals().front();
  const auto show = [&](const Issued& issued) {
    const auto& previous = issued.token.previous;
    const auto old_ends = [&] { return std::min(previous->until, end_of(issued.token).value_or(Instant::max())); };
    const std::string old_secret =
        rotation.grace > std::chrono::seconds::zero()
            ? fmt::format("Old one:   good until {}{}", local_time_and_distance(old_ends(), context.now()),
                          arguments.has("until-used") ? ", or the first use of this one" : "")
            : "Old one:   stops working now";
    try {
      view.show(issued, authority.account_name(issued.token.account), "Your new token", {old_secret});
    } catch (const Error& e) {
      throw Error(e.code(), fmt::format("{}; the old secret still counts", e.what()), e.hint());
    }
  };
  looking_up(context, actor, selector, [&] { authority.rotate(actor, selector, rotation, show); });
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_token_rotate{
    .path = "token rotate",
    .summary = "Give a token a new secret; its id and name stay.",
    .details =
        "Without --grace the old secret stops working at once. With it, both are good for a time: put the new one "
        "in place, then let the old one end. A rotation that is run again meanwhile replaces the new secret, not "
        "the one that is in use. Using an old secret that is dead is an event of its own: auth.reuse.",
    .examples = "T=$(caplet token rotate ci)\n"
                "T=$(caplet token rotate ci --grace 7d --until-used)\n"
                "caplet token rotate ci --abort",
    .positionals = k_positionals,
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_rotate,
};

} // namespace caplet
