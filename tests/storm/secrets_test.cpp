// Nothing that caplet writes anywhere has a secret in it.

#include "core/error.hpp"
#include "core/token_string.hpp"
#include "tests/storm/caplet.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

TEST_CASE("no secret is in any file, nor in any output but the one print") {
  const TemporaryHome home;
  const std::string name = "canary-name-5f1d";
  const std::string description = "canary-description-90ab";
  std::string token;
  REQUIRE(run(home, {"token", "create", "-n", name, "-d", description}, token) == 0);
  token = first_line(token);
  const std::string secret = token.substr(21, k_secret_length);
  const FixedClock clock;
  const Digest digest = open_store(home.location())->token_digest(token);

  const auto must_not_be_in = [&](const std::string& bytes, const std::string& where) {
    INFO(where);
    CHECK(bytes.find(secret.substr(0, 16)) == std::string::npos);
    CHECK(bytes.find(secret.substr(20, 16)) == std::string::npos);
  };
  std::string output;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"token", "list", "--all"},
                                             {"token", "list", "-o", "json"},
                                             {"token", "show", name},
                                             {"token", "show", name, "--json"},
                                             {"verify", "--token", token},
                                             {"verify", "--json", "--token", token},
                                             {"token", "inspect", "--token", token},
                                             {"token", "show", token},
                                             {"token", "delete", token},
                                             {"verify", token},
                                             {token},
                                             {"audit", "list", "-o", "jsonl"},
                                             {"store", "backup", (home.path() / "backup.db").string()},
                                             {"store", "rekey"},
                                             {"store", "check"},
                                             {"token", "delete", name},
                                             {"verify", "--token", token}}) {
    run(home, command, output);
  }
  CHECK(output.find(name) != std::string::npos);
  must_not_be_in(output, "standard output");

  const auto store = open_store(home.location());

  // The journal, while a change is under way and its pages have been written out.
  const auto change = store->begin();
  Token filler = *change->token(token.substr(8, k_id_length));
  std::string journal;
  for (int i = 0; i < 6000; ++i) { // more than SQLite keeps in memory
    filler.id = draw_id();
    filler.name = fmt::format("{}-{}", name, i);
    change->insert(filler);
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(home.path())) {
    const std::string bytes = slurp(entry.path());
    const std::string where = entry.path().filename().string();
    files += bytes.empty() ? 0 : 1;
    journal += where;
    must_not_be_in(bytes, where);
    INFO(where);
    CHECK(bytes.find(name) == std::string::npos);
    CHECK(bytes.find(description) == std::string::npos);
    CHECK(bytes.find(std::string(as_text(digest))) == std::string::npos);
  }
  CHECK(files == 6); // key, store, journal, anchor, reserve, backup
  CHECK(journal.find("store.db-journal") != std::string::npos);
}
