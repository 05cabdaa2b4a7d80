#include "cli/audit_import.hpp"
#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/kept_note.hpp"
#include "cli/token_source.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--against", "FILE", "a checkpoint or an export that was kept: the log must go on from it"},
    Option{"--export", "FILE", "check this export in jsonl instead of the store; needs no store and no key"},
    Option{"--key", "KEY", "the export must be signed by this key (caplet audit checkpoint -o json)"},
};

/// What was looked at, and what came of it.
struct Findings {
  std::string subject; ///< "log", "export"
  std::uint64_t first = 1;
  std::uint64_t events = 0;
  std::string key;
  std::optional<Checkpoint> kept; ///< what --against gave
  std::vector<CheckReport::Problem> problems;
  std::vector<Event> unfinished = {}; ///< starts of runs without an end

  std::uint64_t last() const { return first - 1 + events; }
  void problem(std::string place, std::string what) { problems.push_back({std::move(place), std::move(what)}); }
};

/// Compares with what was kept: `link` is that of the event which was the last one then.
void compare(Findings& findings, const std::optional<Digest>& link) {
  const Checkpoint& kept = *findings.kept;
  const bool is_log = findings.subject == "log";
  if (!link) {
    findings.problem("checkpoint",
                     fmt::format("the {} {}: the checkpoint is of {} events, and there are {}", findings.subject,
                                 is_log ? "was put back" : "ends before it", kept.size, findings.last()));
  } else if (*link != kept.head) {
    findings.problem("checkpoint", fmt::format("the {} has another history: it differs at event {} or before",
                                               findings.subject, kept.size));
  }
}

/// The note that --against gives; nothing where it is not given, or is not whole, which is a problem.
std::optional<SignedNote> read_against(Findings& findings, const Arguments& arguments) {
  const auto path = arguments.value("against");
  if (!path) {
    return std::nullopt;
  }
  try {
    return read_kept_note(*path);
  } catch (const Error& e) {
    if (e.code() != Errc::damaged) {
      throw;
    }
    findings.problem("checkpoint", e.what());
    return std::nullopt;
  }
}

/// Believes the note from now on where `key` signed it.
void open_against(Findings& findings, const std::optional<SignedNote>& note, const AuditKey& key) {
  if (!note) {
    return;
  }
  try {
    findings.kept = open_checkpoint(*note, key);
  } catch (const Error& e) {
    findings.problem("checkpoint", e.what());
  }
}

Findings verify_store(Context& context, const Arguments& arguments) {
  if (arguments.has("key")) {
    throw Error(Errc::usage, "--key goes with --export", "the store has its own key");
  }
  Authority& authority = context.authority_for_check();
  const auto token = acting_token(context, arguments);
  // The owner is looked up nowhere: what is wrong with the store must not get in the way.
  const Actor actor = token ? context.actor(token) : Actor{};
  const CheckReport report = authority.check_audit(actor, {});
  const AuditKey key = authority.audit_key(actor);
  Findings findings{"log", 1, report.events, to_text(key), std::nullopt, report.problems};
  if (findings.problems.empty()) {
    findings.unfinished = authority.unfinished_runs(actor);
  }
  open_against(findings, read_against(findings, arguments), key);
  if (findings.kept) {
    compare(findings, authority.audit_link(actor, findings.kept->size));
  }
  return findings;
}

Findings verify_export(Context& context, const Arguments& arguments) {
  const auto text = arguments.value("key");
  const auto key = text ? std::optional(parse_audit_key(*text)) : std::nullopt;
  const std::string path = *arguments.value("export");
  if (path == "-" && arguments.value("against") == "-") {
    throw Error(Errc::usage, "standard input cannot be both the export and what was kept",
                "give one of them as a file");
  }
  Findings findings{"export", 1, 0, {}, std::nullopt, {}};
  const auto note = read_against(findings, arguments);
  std::optional<Digest> link;
  const ExportReport report = check_export_file(path, key, [&](std::uint64_t seq, const Digest& each) {
    if (note && seq == note->checkpoint.size) {
      link = each;
    }
  });
  findings.first = report.first;
  findings.events = report.events;
  if (report.problem) {
    findings.problems.push_back(*report.problem);
    return findings;
  }
  findings.key = to_text(report.key);
  if (!key && !note) {
    context.warn("signed by the key that the file itself names: it is whole, but whose it is only --key tells");
  }
  open_against(findings, note, report.key);
  if (!findings.kept) {
    return findings;
  }
  if (findings.kept->size + 1 < report.first) {
    throw Error(Errc::usage,
                fmt::format("the export begins with event {}, and the checkpoint is of {} events", report.first,
                            findings.kept->size),
                "give an export that begins at the checkpoint or before");
  }
  compare(findings, link);
  return findings;
}

void print_json(Context& context, const Findings& findings) {
  auto problems = nlohmann::ordered_json::array();
  for (const CheckReport::Problem& problem : findings.problems) {
    problems.push_back({{"place", problem.place}, {"problem", problem.what}});
  }
  auto against = nlohmann::ordered_json();
  if (findings.kept) {
    against = {{"size", findings.kept->size}, {"head", to_hex(findings.kept->head)}};
  }
  auto unfinished = nlohmann::ordered_json::array();
  for (const Event& event : findings.unfinished) {
    unfinished.push_back({{"seq", event.seq}, {"function", event.target_name}, {"actor_name", event.actor_name}});
  }
  context.out().line(
      json_pretty({{"ok", findings.problems.empty()},
                   {"first", findings.first},
                   {"events", findings.events},
                   {"key", findings.key.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(findings.key)},
                   {"against", against},
                   {"problems", problems},
                   {"unfinished_runs", unfinished}}));
}

void print_plain(Context& context, const Findings& findings) {
  Output& out = context.out();
  for (const CheckReport::Problem& problem : findings.problems) {
    out.line(fmt::format("{}: {}", problem.place, problem.what));
  }
  if (!findings.problems.empty()) {
    out.line(fmt::format("Checked {} events of the {}: {} problem{}", findings.events, findings.subject,
                         findings.problems.size(), findings.problems.size() == 1 ? "" : "s"));
    return;
  }
  if (findings.kept) {
    out.line(fmt::format("The {} goes on from the checkpoint: {} events then, {} now", findings.subject,
                         findings.kept->size, findings.last()));
  }
  out.line(fmt::format("Checked {} events of the {}: all is well", findings.events, findings.subject));
  for (const Event& event : findings.unfinished) {
    out.line(fmt::format("Event {}: {} began to run {}, by {}, and has not ended: it is still running, or was cut off",
                         event.seq, escape(event.target_name), local_time_and_distance(event.time, context.now()),
                         escape(event.actor_name)));
  }
}

int run_verify(Context& context, const Arguments& arguments) {
  const bool is_export = arguments.has("export");
  const Findings findings = is_export ? verify_export(context, arguments) : verify_store(context, arguments);
  if (output_format(k_audit_verify, arguments) == "json") {
    print_json(context, findings);
  } else {
    print_plain(context, findings);
  }
  if (findings.problems.empty()) {
    return EXIT_SUCCESS;
  }
  context.out().flush();
  context.hint(is_export ? "take another copy of the export: this one proves nothing"
                         : "find out who could write to the store; what still reads: caplet audit list");
  return errc_info(Errc::damaged).exit_status;
}

} // namespace

constinit const Command k_audit_verify{
    .path = "audit verify",
    .summary = "Check the audit log, or an export of it.",
    .details = "Follows every event's link to the one before. With --against, the log must also go on from what it was "
               "when the checkpoint or export was made, which shows a store that was put back or rewritten by somebody "
               "with its key. With --export, no store is opened. FILE may be - for standard input. Exit status 8 when "
               "something is wrong.",
    .examples = "caplet audit verify\n"
                "caplet audit verify --against checkpoint.txt\n"
                "caplet audit verify --export audit.jsonl --key \"$KEY\"",
    .options = k_options,
    .formats = "plain,json",
    .token = TokenRole::actor,
    .run = run_verify,
};

} // namespace caplet
