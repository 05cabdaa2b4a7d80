#include "cli/topics.hpp"

#include "cli/command.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace caplet {
namespace {

constexpr std::array k_variables{
    Row{"CAPLET_TOKEN",
        "A token. The commands act as it, and verify looks at it. Overwritten once it is read; one that "
        "is set and empty is refused."},
    Row{"CAPLET_TOKEN_FILE", "A file with a token, where CAPLET_TOKEN is not set."},
    Row{"CAPLET_PROFILE", "Which login to use, of several (default: the setting profile, or default)."},
    Row{"CAPLET_HOME", "A directory for everything: store, key, anchor and config.toml."},
    Row{"CAPLET_KEY_FILE", "The key file, where it is kept elsewhere. It is never made there."},
    Row{"CREDENTIALS_DIRECTORY",
        "Set by systemd (LoadCredential=). caplet.key in it is the key file, caplet.passphrase "
        "the passphrase, caplet.token a token."},
    Row{"XDG_CONFIG_HOME", "Where the key and config.toml are, in caplet/ (default: ~/.config)."},
    Row{"XDG_DATA_HOME", "Where the store is, in caplet/ (default: ~/.local/share)."},
    Row{"XDG_STATE_HOME", "Where the anchor is, in caplet/ (default: ~/.local/state)."},
    Row{"XDG_RUNTIME_DIR", "Where exec --as-file puts its file (default: a directory in memory)."},
    Row{"HOME", "What those defaults begin with."},
    Row{"NO_COLOR", "Set and not empty: no colour. --color goes before it."},
    Row{"CLICOLOR_FORCE", "Set and not 0: colour even where nobody looks at a terminal."},
    Row{"CLICOLOR", "0: no colour."},
    Row{"TERM", "Not set, or dumb: no colour."},
    Row{"LC_ALL", "This, else LC_CTYPE, else LANG says whether lines and dots may be other than ASCII."},
    Row{"LC_CTYPE", "See LC_ALL."},
    Row{"LANG", "See LC_ALL."},
    Row{"PAGER",
        "What shows long lists on a terminal (default: less, with LESS=FRX where LESS is not set). The setting "
        "pager goes before it; cat: nothing."},
    Row{"TZ", "The time zone of the times in tables. Machine formats have UTC."},
};

constexpr std::array k_files{
    Row{"~/.local/share/caplet/store.db", "The store: everything, encrypted."},
    Row{"~/.local/share/caplet/store.db.lock", "What readers and writers lock. Never removed."},
    Row{"~/.local/share/caplet/store.db.reserve", "Space that is kept for revoking tokens on a full disk."},
    Row{"~/.config/caplet/key", "The key file. Whoever has it and the store is the owner: keep a copy apart from it."},
    Row{"~/.config/caplet/config.toml", "Your settings: see caplet config list."},
    Row{"~/.local/state/caplet/anchor", "What this machine last saw of the store, so that an older copy is noticed."},
};

constexpr std::array k_outputs{
    Row{"table", "For people: boxes, local times, cut to the terminal's width. ASCII where the locale is not UTF-8."},
    Row{"plain", "For people: a line for each thing, or a sentence."},
    Row{"json", "One document, keys in snake_case, times RFC 3339 in UTC, [] for nothing. Keys are only ever added. "
                "--json is the same."},
    Row{"jsonl", "One JSON object a line: for long lists, which are written as they are read."},
    Row{"tsv", "Tab-separated, no heading; backslash and control characters as \\\\ and \\u{9}. caplet help COMMAND "
               "names the columns."},
    Row{"name", "The names alone, one a line."},
};

std::string rows(const Layout& layout, std::span<const Row> all) {
  std::size_t width = 0;
  for (const Row& row : all) {
    width = std::max(width, row.name.size());
  }
  constexpr std::size_t k_widest = 24;
  std::string out;
  for (const Row& row : all) {
    out += layout.two_columns(row.name, std::min(width, k_widest), row.text);
  }
  return out;
}

std::string environment_text(const Layout& layout) {
  return layout.wrapped("Environment variables that caplet reads. One that is empty counts as not set, but for "
                        "CAPLET_TOKEN. An option on the command line goes before a variable.") +
         "\n" + rows(layout, k_variables) + "\nFiles, where CAPLET_HOME is not set:\n\n" + rows(layout, k_files);
}

std::string exit_codes_text(const Layout& layout) {
  std::string out = layout.wrapped("Exit statuses of caplet. A number is never given another meaning.") + "\n";
  for (const Status& status : statuses()) {
    out += layout.two_columns(status.number, 5, status.text); // NOLINT(readability-magic-numbers): 128+n
  }
  return out;
}

std::string formats_text(const Layout& layout) {
  constexpr std::array k_times{
      Row{"90s 15m 12h 30d 4w", "So long from now; 1h30m is possible. A bare number is refused: others mean days or "
                                "seconds by it."},
      Row{"2027-01-31", "That day at 00:00 UTC."},
      Row{"2027-01-31T09:00:00Z", "That moment (RFC 3339)."},
      Row{"never", "No end. Every token ends in 90 days where nothing is said."},
  };
  return layout.wrapped("How answers are printed: -o, --output, of those that a command has. Data goes to standard "
                        "output, words to standard error.") +
         "\n" + rows(layout, k_outputs) + "\nTimes on the command line:\n\n" + rows(layout, k_times) + "\nTokens:\n\n" +
         layout.wrapped("cpl_pat_<id>_<secret><check>: prefix, kind (pat: personal, sat: scoped), an id of 12 and a "
                        "secret of 43 base62 characters, and a CRC-32 of all before it in 6. Letters, digits and _ "
                        "alone, so that a double click takes it whole. A TOKEN argument takes an id, a name, or the "
                        "first characters of an id (four or more).\n",
                        0, 0);
}

std::string security_text(const Layout& layout) {
  constexpr std::array k_promises{
      Row{"reads the store", "and has no key: learns ids, numbers and sizes; no name, no scope, no token."},
      Row{"changes the store", "and has no key: is found out, and caplet stops (exit status 8). An older copy is "
                               "noticed by the anchor."},
      Row{"has a token", "can do what it may, until it expires or is revoked; every use of power is in the audit log."},
      Row{"reads the key file", "is the owner. On one machine and one account a token limits mistakes, not malice."},
  };
  constexpr std::array k_advice{
      Row{"keep the key apart", "A copy of the key file elsewhere, never beside a backup of the store."},
      Row{"give tokens quietly", "--token - (standard input), --token-file, --token-fd or CAPLET_TOKEN; a token on the "
                                 "command line stays in the shell's history."},
      Row{"a token has leaked", "caplet token delete NAME; then caplet audit list --actor NAME."},
      Row{"the key has leaked", "caplet store key add, caplet store key remove, caplet store rekey."},
      Row{"keep a note elsewhere", "caplet audit checkpoint: audit verify --against finds whatever was cut off since."},
  };
  return "What caplet promises. Somebody who ...\n\n" + rows(layout, k_promises) + "\nWhat to do:\n\n" +
         rows(layout, k_advice) + "\n" +
         layout.wrapped("A token is shown once and kept as a keyed hash. The cryptography is libsodium's: "
                        "XChaCha20-Poly1305, BLAKE2b, Argon2id, Ed25519. SECURITY.md has every promise with its test, "
                        "caplet-store(5) the files.");
}

constexpr std::array k_topics{
    Topic{"environment", "the variables and files that caplet reads", environment_text},
    Topic{"exit-codes", "what each exit status means", exit_codes_text},
    Topic{"formats", "output formats, times and tokens", formats_text},
    Topic{"security", "what is promised, to whom, and what to do", security_text},
};

} // namespace

std::span<const Row> variables() { return k_variables; }
std::span<const Row> files() { return k_files; }
std::span<const Row> output_formats() { return k_outputs; }
std::span<const Topic> topics() { return k_topics; }

std::vector<Status> statuses() {
  std::map<int, std::string> rows{{0, "done, or: the token is valid"}};
  for (const ErrcInfo& info : errc_table()) {
    std::string& row = rows[info.exit_status];
    row += fmt::format("{}{}", row.empty() ? "" : "; ", info.sentence);
  }
  std::vector<Status> all;
  all.reserve(rows.size() + 1);
  for (const auto& [number, text] : rows) {
    all.push_back({std::to_string(number), text});
  }
  all.push_back({"124-127",
                 "of run and exec, whose other statuses are the program's: 124 its time was over; 125 caplet "
                 "failed, or the token may not; 126 not executable, or other bytes than wanted; 127 there is "
                 "no such function or program"});
  all.push_back({"128+n", "ended by signal n"});
  return all;
}

std::vector<Status> statuses(const Command& command) {
  std::vector<Status> all;
  for (const std::string_view line : split(command.statuses, '\n')) {
    const auto colon = line.find(':');
    all.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
  }
  const bool is_anothers = !all.empty() && all.back().number == "127"; // run, exec
  const bool is_small = !command.opens_store && command.token == TokenRole::none;
  for (Status& status : statuses()) {
    const bool is_said =
        std::any_of(all.begin(), all.end(), [&](const Status& own) { return own.number == status.number; });
    const bool applies = status.number == "128+n" || (!is_anothers && status.number != "124-127" &&
                                                      (!is_small || status.number <= "2" || status.number == "6"));
    if (!is_said && applies) {
      all.push_back(status.number == "0" ? Status{"0", "done"} : std::move(status));
    }
  }
  const auto number = [](const Status& status) { // 128+n: 128
    int value = 0;
    std::from_chars(status.number.data(), status.number.data() + status.number.size(), value);
    return value;
  };
  std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return number(a) < number(b); });
  return all;
}

const Topic* find_topic(std::string_view name) {
  const auto* const found =
      std::find_if(k_topics.begin(), k_topics.end(), [&](const Topic& each) { return each.name == name; });
  return found == k_topics.end() ? nullptr : found;
}

} // namespace caplet
