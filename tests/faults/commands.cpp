#include "tests/faults/commands.hpp"

#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace caplet::test {
namespace {

void nothing(Before& /*before*/) {}

void nothing_on_an_old_file_system(Before& before) { before.environment["CAPLET_FAULT_NO_RENAMEAT2"] = "1"; }

void make_token(Before& before, const std::string& name) {
  const Outcome made = run_caplet(before, {"token", "create", "-n", name});
  REQUIRE(made.status == 0);
  before.tokens[name] = made.out.substr(0, made.out.find('\n'));
}

void a_store(Before& before) {
  make_token(before, "kept");
  make_token(before, "victim");
}

void a_tombstone(Before& before) {
  make_token(before, "kept");
  REQUIRE(run_caplet(before, {"token", "create", "-n", "gone"}).status == 0);
  REQUIRE(run_caplet(before, {"token", "delete", "gone"}).status == 0);
}

void a_jwt(Before& before) {
  a_store(before);
  REQUIRE(run_caplet(before, {"token", "create", "-n", "signed", "--format", "jwt"}).status == 0);
}

void a_leak(Before& before) {
  a_store(before);
  std::ofstream(before.home / "leak") << before.tokens.at("victim") << "\n";
}

void two_slots(Before& before) {
  a_store(before);
  REQUIRE(run_caplet(before, {"store", "key", "add", "--key-file", before.home / "second.key"}).status == 0);
  std::string id;
  std::ifstream(before.home / "second.key") >> id >> id;
  before.words["SLOT"] = id;
}

void a_backup(Before& before) {
  make_token(before, "kept");
  REQUIRE(run_caplet(before, {"store", "backup", before.home / "copy.db"}).status == 0);
  REQUIRE(run_caplet(before, {"token", "create", "-n", "later"}).status == 0);
}

void a_function(Before& before) {
  a_store(before);
  REQUIRE(run_caplet(before, {"function", "create", "hello", "/bin/echo"}).status == 0);
}

void a_login(Before& before) {
  a_store(before);
  REQUIRE(run_caplet(before, {"login", "--token", before.tokens["kept"]}).status == 0);
}

void an_old_store(Before& before) {
  const std::filesystem::path from = std::filesystem::path(CAPLET_VECTORS) / "format-1";
  std::filesystem::create_directory(before.home);
  std::filesystem::permissions(before.home, std::filesystem::perms::owner_all);
  for (const char* file : {"store.db", "key"}) {
    std::filesystem::copy_file(from / file, before.home / file);
    std::filesystem::permissions(before.home / file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
}

Location copy_of(const Before& before) { return {before.home / "copy.db", before.home / "key"}; }

bool has_backup(const Before& before) {
  if (!store_exists(copy_of(before))) {
    return false;
  }
  if (!open_store(copy_of(before))->check({}).problems.empty()) { // what has its name is whole
    throw std::runtime_error("the backup is damaged");
  }
  return true;
}

bool is_migrated(const Before& before) {
  return query_sql({before.home / "store.db", {}}, "PRAGMA user_version") == "3";
}

/// Whether the token `victim` is no longer valid.
bool victim_is_dead(const Before& before) {
  return run_caplet(before, {"verify", "--at", "2026-01-01", "--token", before.tokens.at("victim")}).status != 0;
}

/// Whether the log has the start of a run. One without an end is what a killed caplet leaves.
bool has_begun(const Before& before) {
  return run_caplet(before, {"audit", "list"}).out.find("function.run.start") != std::string::npos;
}

/// Whether a token was made for a command. It dies with caplet: a process that outlives that sees to it, so a moment is
/// waited for.
bool has_token_of_command(const Before& before) {
  for (int i = 0;; ++i) {
    const std::string tokens = run_caplet(before, {"token", "list", "--all", "-o", "json"}).out;
    const bool is_made = tokens.find("exec true") != std::string::npos;
    if (!is_made || i == 15 || tokens.find("\"revoked\"") != std::string::npos) {
      return is_made;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

const std::vector<Command> k_commands{
    {.words = "init", .start = nothing, .proof = "store check", .done = "all is well"},
    {.words = "init", .start = nothing_on_an_old_file_system, .proof = "store check", .done = "all is well"},
    {.words = "token create -n first", .start = nothing, .proof = "token show first", .done = "active"},
    {.words = "token create -n another", .start = a_store, .proof = "token show another", .done = "active"},
    {.words = "token create --from -",
     .start = a_store,
     .proof = "token show line-2",
     .done = "active",
     .input = "{\"name\":\"line-1\"}\n{\"name\":\"line-2\"}\n",
     .tells_before = true},
    {.words = "token delete victim",
     .start = a_store,
     .proof = "token show victim",
     .done = "revoked",
     .takes_token = "victim"},
    {.words = "token rotate victim",
     .start = a_store,
     .look = victim_is_dead,
     .takes_token = "victim",
     .hands_over = true},
    {.words = "token prune --before 2030-01-01", .start = a_tombstone, .proof = "audit list", .done = "token.prune"},
    {.words = "store policy set most-sats=7", .start = a_store, .proof = "store policy get most-sats", .done = "7"},
    {.words = "token create -n another --format jwt",
     .start = a_store,
     .proof = "token show another --field format",
     .done = "jwt"},
    {.words = "jwks rotate", .start = a_jwt, .proof = "audit list", .done = "store.jwks.rotate"},
    {.words = "scan --revoke --yes $HOME/leak",
     .start = a_leak,
     .proof = "token show victim",
     .done = "revoked",
     .takes_token = "victim",
     .succeeds = 1},
    {.words = "verify --token $kept",
     .start = a_store,
     .proof = "token show kept",
     .done = "Last Used +[A-Z]",
     .is_best_effort = true},
    {.words = "store key add --key-file $HOME/second.key",
     .start = a_store,
     .proof = "audit list",
     .done = "store.key.add"},
    {.words = "store key remove $SLOT", .start = two_slots, .proof = "audit list", .done = "store.key.remove"},
    {.words = "store rekey", .start = a_store, .proof = "audit list", .done = "store.rekey"},
    {.words = "store restore --replace $HOME/copy.db",
     .start = a_backup,
     .proof = "audit list",
     .done = "store.restore"},
    {.words = "store backup $HOME/copy.db", .start = a_store, .look = has_backup},
    {.words = "function create hello /bin/true",
     .start = a_store,
     .proof = "function show hello",
     .done = "Revision +1"},
    {.words = "function create hello /bin/true --replace",
     .start = a_function,
     .proof = "function show hello",
     .done = "Revision +2"},
    {.words = "function delete hello", .start = a_function, .proof = "audit list", .done = "function.delete"},
    {.words = "run hello",
     .start = a_function,
     .look = has_begun,
     .admits = "the end of the run is not in the audit log"},
    {.words = "exec -- true",
     .start = a_store,
     .look = has_token_of_command,
     .admits = "the command's token could not be revoked"},
    {.words = "login --token $kept", .start = a_store, .proof = "whoami", .done = "Kept in .*store.db"},
    {.words = "logout", .start = a_login, .proof = "whoami", .done = "the owner"},
    {.words = "token list", .start = an_old_store, .look = is_migrated},
};

} // namespace

const std::vector<Command>& commands() { return k_commands; }

std::vector<std::string> expand(std::string_view words, const Before& before) {
  std::vector<std::string> expanded;
  std::istringstream in{std::string(words)};
  for (std::string word; in >> word;) {
    if (word.starts_with("$HOME")) {
      word.replace(0, 5, before.home.string());
    } else if (word.starts_with('$')) {
      const auto known = before.words.find(word.substr(1));
      word = known != before.words.end() ? known->second : before.tokens.at(word.substr(1));
    }
    expanded.push_back(word);
  }
  return expanded;
}

} // namespace caplet::test
