#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/progress_bar.hpp"
#include "cli/scan/file_names.hpp"
#include "cli/scan/git_scan.hpp"
#include "cli/scan/scan_report.hpp"
#include "cli/scan/scanner_rules.hpp"
#include "cli/scan/store_answer.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <thread>

namespace caplet {
namespace {

constexpr std::string_view k_default_max_binary = "10M";

constexpr std::array k_options{
    Option{"--git", "", "scan the whole history of the repository at PATH, lost commits too"},
    Option{"--staged", "", "scan what the next commit would add; for a pre-commit hook"},
    Option{"--live", "", "ask the store which of them are valid now"},
    Option{"--revoke", "", "revoke those that are this store's and valid; wants --yes"},
    Option{"-y,--yes", "", "revoke without a question"},
    Option{"--prefix", "PREFIX", "only tokens with this prefix; may be repeated (default: any)", true},
    Option{"--allow", "ID", "a token that may stand there: not a finding; may be repeated", true},
    Option{"--exclude", "GLOB", "leave out files and directories of this name, or path with a slash; may be repeated",
           true},
    Option{"--no-ignore", "", "scan what git ignores, too"},
    Option{"--max-binary", "SIZE", "skip binary files that are larger (default: 10M)"},
    Option{"--threads", "N", "how many files to read at a time (default: one for each processor)"},
    Option{"--rules", "PROGRAM", "print the rule for this program, and scan nothing", false, "gitleaks,trufflehog"},
};

constexpr std::array k_positionals{
    Positional{"PATH", Positional::Count::any, "a file, a directory, or - for standard input"},
};

std::uint64_t parse_size(const std::string& text) {
  constexpr std::array<std::string_view, 4> k_units{"", "K", "M", "G"};
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const auto unit =
      std::find(k_units.begin(), k_units.end(), std::string_view(rest, static_cast<std::size_t>(end - rest)));
  const auto shift = static_cast<unsigned>(10 * (unit - k_units.begin()));
  if (error != std::errc() || unit == k_units.end() || number > (k_any_size >> shift)) {
    throw Error(Errc::usage, fmt::format("\"{}\" is not a size", escape(text, 40)), "like 500K, 10M or 1G");
  }
  return number << shift;
}

unsigned parse_threads(const std::optional<std::string>& text) {
  constexpr unsigned k_most = 256;
  if (!text) {
    return std::clamp(std::thread::hardware_concurrency(), 1U, k_most);
  }
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number == 0 || number > k_most) {
    throw Error(Errc::usage, fmt::format("--threads takes 1 to {}, not \"{}\"", k_most, escape(*text, 40)),
                "leave it out for one for each processor");
  }
  return number;
}

/// One run of the command.
class Scan {
public:
  Scan(Context& context, const Arguments& arguments)
      : m_context(context), m_arguments(arguments), m_bar(context, "Scanning"), m_paths(arguments.positionals()) {
    check_options();
    m_files.paths = m_paths;
    m_files.excluded = arguments.values("exclude");
    m_files.ignored = arguments.has("no-ignore") ? Ignored::scan : Ignored::skip;
    for (std::string& id : arguments.values("allow")) {
      m_wanted.allowed.insert(std::move(id));
    }
    m_wanted.keep_text = arguments.has("live") || arguments.has("revoke");
  }

  int run() {
    if (const auto program = m_arguments.value("rules")) {
      m_context.out().write(*program == "gitleaks" ? gitleaks_rule(m_wanted.prefixes)
                                                   : trufflehog_rule(m_wanted.prefixes));
      return EXIT_SUCCESS;
    }
    m_context.out().require_writable();
    if (m_wanted.keep_text) {
      m_store.emplace(m_context.authority(), m_context.actor(m_arguments),
                      m_arguments.has("revoke") ? Revoking::yes : Revoking::no);
    }
    m_report = ScanReport::make(output_format(k_scan, m_arguments), m_context.out());
    const std::string summary = m_arguments.has("git")      ? scan_git()
                                : m_arguments.has("staged") ? scan_what_is_staged()
                                                            : scan_files();
    m_bar.hide();
    m_report->finish(m_problems);
    m_context.out().flush();
    m_context.err().line(fmt::format("{}: {}", summary, count()));
    return finish();
  }

private:
  void check_options() {
    const auto refuse = [](const std::string& what, const std::string& hint) { throw Error(Errc::usage, what, hint); };
    for (const std::string& prefix : m_arguments.values("prefix")) {
      if (!is_prefix(prefix)) {
        refuse(fmt::format("\"{}\" is not a prefix", escape(prefix, 40)),
               "2 to 10 lower-case letters and digits, a letter first");
      }
      m_wanted.prefixes.push_back(prefix);
    }
    m_files.largest_binary = parse_size(m_arguments.value("max-binary").value_or(std::string(k_default_max_binary)));
    m_threads = parse_threads(m_arguments.value("threads"));
    if (const auto program = m_arguments.value("rules")) {
      if (*program != "gitleaks" && *program != "trufflehog") {
        refuse(fmt::format("no rule for \"{}\"", escape(*program, 40)), "one of: gitleaks, trufflehog");
      }
      return;
    }
    if (m_arguments.has("git") && m_arguments.has("staged")) {
      refuse("both --git and --staged are given", "give one of them");
    }
    const bool in_git = m_arguments.has("git") || m_arguments.has("staged");
    if (m_paths.empty() && !in_git) {
      refuse("PATH is missing", "for all that is here: caplet scan .");
    }
    if (m_paths.size() > 1 && in_git) {
      refuse("more than one repository is given", "scan one after the other");
    }
    if (m_arguments.has("revoke") && !m_arguments.has("yes")) {
      refuse("--revoke may revoke many tokens, and wants --yes", "see first which: caplet scan --live PATH");
    }
    const auto inputs = std::count(m_paths.begin(), m_paths.end(), "-");
    if (inputs > 1 || (inputs == 1 && m_arguments.value("token") == "-")) {
      refuse("standard input is given twice", "give one of them as a file");
    }
  }

  std::string directory() const { return m_paths.empty() ? "." : m_paths.front(); }

  void tell(const Place& place, const FoundToken& finding, std::string_view text) {
    std::optional<StoreAnswer> answer;
    if (m_store) {
      answer = m_store->ask(place, finding, text);
    }
    m_found += 1;
    m_dead += answer && answer->is_dead() ? 1U : 0U;
    m_report->add(place, finding, answer);
    if (answer && !answer->failure.empty()) {
      m_context.out().flush();
      note_problem(fmt::format("{} could not be revoked: {}", finding.redacted(), answer->failure));
      m_not_revoked += 1;
    }
    if (m_context.out().is_terminal() || (answer && answer->was_revoked)) { // that is done, and should be known now
      m_bar.hide();
      m_context.out().flush();
    }
  }

  void note_problem(const std::string& problem) {
    m_bar.hide();
    m_context.warn(problem);
    m_problems.push_back(problem);
  }

  std::string scan_files() {
    ScanPool pool(m_wanted, m_threads, [this](ScanPool& each) { name_files(m_context.environment(), m_files, each); });
    const Progress progress = m_bar.progress();
    while (const auto result = pool.next(progress)) {
      const Place place{result->shown};
      for (std::size_t i = 0; i < result->findings.size(); ++i) {
        tell(place, result->findings[i], m_store ? result->findings.text(i) : std::string_view());
      }
      if (!result->problem.empty()) {
        note_problem(fmt::format("{} could not be read: {}", to_text(place), result->problem));
      }
      if (!result->warning.empty()) {
        m_bar.hide();
        m_context.warn(fmt::format("{}: {}", to_text(place), result->warning));
      }
    }
    const ScanPool::Totals totals = pool.totals();
    return fmt::format("Scanned {} file{}{}", totals.files, totals.files == 1 ? "" : "s",
                       totals.skipped == 0 ? "" : fmt::format(", skipped {} large binary", totals.skipped));
  }

  std::string scan_git() {
    const GitTotals totals = scan_history(
        m_context.environment(), directory(), m_wanted,
        [this](const Place& place, const FoundToken& finding, std::string_view text) { tell(place, finding, text); },
        m_bar.progress());
    if (!totals.problem.empty()) {
      note_problem(totals.problem);
    }
    return fmt::format("Scanned {} git object{}", totals.objects, totals.objects == 1 ? "" : "s");
  }

  std::string scan_what_is_staged() {
    const GitTotals totals = scan_staged(
        m_context.environment(), directory(), m_wanted,
        [this](const Place& place, const FoundToken& finding, std::string_view text) { tell(place, finding, text); });
    if (!totals.problem.empty()) {
      note_problem(totals.problem);
    }
    return fmt::format("Scanned {} staged file{}", totals.objects, totals.objects == 1 ? "" : "s");
  }

  std::string count() const {
    std::string text = m_found == 0 ? "no tokens" : fmt::format("{} token{} found", m_found, m_found == 1 ? "" : "s");
    if (m_dead > 0) {
      text += fmt::format(", {} of them dead", m_dead);
    }
    if (m_store && m_store->revoked() > 0) {
      text += fmt::format(", {} revoked", m_store->revoked());
    }
    return text;
  }

  int finish() {
    if (m_not_revoked > 0) { // what was asked for was not done
      m_context.hint("revoke them as the owner: caplet token delete ID");
      return errc_info(Errc::undecided).exit_status;
    }
    if (m_found > m_dead) {
      m_context.hint(m_store && m_arguments.has("revoke")
                         ? "make new tokens, and keep them elsewhere: caplet exec, a secret store"
                     : m_store ? "revoke what is live: caplet scan --revoke --yes, with the same paths"
                               : "see which are valid: caplet scan --live; revoke one: caplet token delete ID");
      return errc_info(Errc::refused).exit_status;
    }
    return m_problems.empty() ? EXIT_SUCCESS : errc_info(Errc::undecided).exit_status;
  }

  Context& m_context;
  const Arguments& m_arguments;
  ProgressBar m_bar;
  const std::vector<std::string>& m_paths;
  FilesWanted m_files;
  Wanted m_wanted;
  unsigned m_threads = 1;
  std::optional<StoreQuestions> m_store;
  std::unique_ptr<ScanReport> m_report;
  std::vector<std::string> m_problems;
  std::uint64_t m_found = 0;
  std::uint64_t m_dead = 0;
  std::uint64_t m_not_revoked = 0;
};

/// Exit status 1 is a finding and nothing else: what went wrong otherwise leaves the question open.
int run_scan(Context& context, const Arguments& arguments) {
  try {
    return Scan(context, arguments).run();
  } catch (const Error& e) {
    if (errc_info(e.code()).exit_status == errc_info(Errc::refused).exit_status) {
      throw Error(Errc::undecided, e.what(), e.hint());
    }
    throw;
  }
}

} // namespace

constinit const Command k_scan{
    .path = "scan",
    .summary = "Find tokens in files, standard input or a git repository.",
    .details =
        "Finds what has a token's shape and a right checksum; needs no store. In a git work tree, what git ignores "
        "is left out. Symbolic links are not followed. The secret is never printed. With --live, tokens that are "
        "known to be revoked or expired are shown and do not count; a scoped token that may not token:read learns "
        "what state they are in, and not their names. Exit status: 0 nothing found, 1 found, 2 "
        "nothing found but something could not be read, or something could not be revoked.",
    .examples = "caplet scan .\n"
                "caplet scan --git --live\n"
                "kubectl get secrets -A -o yaml | caplet scan -\n"
                "(cd .git/hooks; echo caplet scan --staged >pre-commit; chmod +x pre-commit)\n"
                "caplet scan --rules gitleaks >> .gitleaks.toml",
    .positionals = k_positionals,
    .options = k_options,
    .statuses = "0:nothing was found\n"
                "1:something was found\n"
                "2:nothing was found, but something could not be read; or: something could not be revoked; or: a bad "
                "option, argument or value",
    .formats = "plain,json,jsonl,sarif",
    .token = TokenRole::actor,
    .run = run_scan,
};

} // namespace caplet
