#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/progress_bar.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--accept-rollback", "", "take the store for the newest although this machine has seen a newer one"},
    Option{"--accept-clock", "", "believe the clock although the store has seen a later time"},
};

void print_json(Context& context, const CheckReport& report) {
  auto problems = nlohmann::ordered_json::array();
  for (const CheckReport::Problem& problem : report.problems) {
    problems.push_back({{"place", problem.place}, {"problem", problem.what}});
  }
  context.out().line(json_pretty({{"ok", report.problems.empty()},
                                  {"records", report.records},
                                  {"events", report.events},
                                  {"pages", report.pages},
                                  {"anchored", report.anchored},
                                  {"problems", problems}}));
}

CheckReport check(Context& context, LocalStore& store) {
  ProgressBar bar(context, "Checking");
  return store.check(bar.progress());
}

int run_check(Context& context, const Arguments& arguments) {
  LocalStore& store = context.owners_store(Opening::for_check);
  CheckReport report = check(context, store);
  const auto only_rolled_back = [&] {
    return report.problems.size() == 1 && report.problems.front().place == CheckReport::k_anchor;
  };
  if (arguments.has("accept-rollback") && only_rolled_back()) {
    store.accept_rollback(context.owners_event());
    context.err().line("Accepted: the store as it is now is the newest.");
    report = check(context, store);
  }
  if (arguments.has("accept-clock") && report.problems.empty() && store.latest() > context.clock().now()) {
    store.accept_clock(context.owners_event());
    context.err().line("Accepted: the time is what the clock says.");
    report = check(context, store);
  }
  if (output_format(k_store_check, arguments) == "json") {
    print_json(context, report);
  } else {
    for (const CheckReport::Problem& problem : report.problems) {
      context.out().line(fmt::format("{}: {}", problem.place, problem.what));
    }
    context.out().line(
        fmt::format("Checked {} records, {} events, {} pages: {}", report.records, report.events, report.pages,
                    report.problems.empty() ? "all is well" : fmt::format("{} problems", report.problems.size())));
  }
  if (report.problems.empty()) {
    if (!report.anchored) {
      context.warn("there is no anchor: that this is not an older copy of the store cannot be told");
      context.hint("the next change makes one; see where: caplet store info");
    }
    return EXIT_SUCCESS;
  }
  context.out().flush();
  context.hint("restore the store from a backup; what still reads can be listed before");
  return errc_info(Errc::damaged).exit_status;
}

} // namespace

constinit const Command k_store_check{
    .path = "store check",
    .summary = "Check every record, every event and the file.",
    .details =
        "Opens each record, compares them all with what the store remembers, follows the audit chain, and runs "
        "SQLite's own check. Exit status 8 when something is wrong. After you put back an older copy on purpose, "
        "--accept-rollback settles that and nothing else; it is audited. Where the clock stands before the newest "
        "change of the store, tokens are judged by the time of that change; if the clock was wrong then and is right "
        "now, --accept-clock says so, audited too.",
    .examples = "caplet store check\n"
                "caplet store check -o json",
    .options = k_options,
    .formats = "plain,json",
    .run = run_check,
};

} // namespace caplet
