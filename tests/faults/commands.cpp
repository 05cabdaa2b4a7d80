#include "tests/faults/commands.hpp"

#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>

#include <sstream>

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

const std::vector<Command> k_commands{
    {.words = "init", .start = nothing, .proof = "store check", .done = "all is well"},
    {.words = "init", .start = nothing_on_an_old_file_system, .proof = "store check", .done = "all is well"},
    {.words = "token create -n first", .start = nothing, .proof = "token show first", .done = "active"},
    {.words = "token create -n another", .start = a_store, .proof = "token show another", .done = "active"},
    {.words = "token delete victim",
     .start = a_store,
     .proof = "token show victim",
     .done = "revoked",
     .takes_token = "victim"},
    {.words = "verify --token $kept",
     .start = a_store,
     .proof = "token show kept",
     .done = "Last Used +[A-Z]",
     .is_best_effort = true},
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
      word = before.tokens.at(word.substr(1));
    }
    expanded.push_back(word);
  }
  return expanded;
}

} // namespace caplet::test
