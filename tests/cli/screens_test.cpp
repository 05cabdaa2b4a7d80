// What a person sees at 60 and at 100 columns (and, of lists, at 40), as it stands in tests/screens/. With
// CAPLET_GOLDEN=write in the environment, the screens are written anew: look at the difference before you commit it.

#include "cli/terminal.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <vector>

namespace caplet::test {
namespace {

constexpr std::string_view k_any_id = "0123456789AB";

/// Ids, secrets and moments are others each time; they are always as long.
std::string masked(const std::string& screen, const std::vector<std::string>& ids) {
  static const std::regex secret("_[0-9A-Za-z]{49}\\b");
  static const std::regex moment("[A-Z][a-z]{2} \\d\\d \\d{4} \\d\\d:\\d\\d");
  static const std::regex date("[A-Z][a-z]{2} \\d\\d \\d{4}");
  static const std::regex short_moment("[A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d");
  static const std::regex ago("\\((just now|\\d+ seconds? ago)\\)");
  std::string text = std::regex_replace(screen, secret, "_" + std::string(49, '*'));
  for (const std::string& id : ids) {
    for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id)) {
      text.replace(at, id.size(), k_any_id);
    }
    for (std::size_t length = id.size(); --length >= 3;) { // cut
      const std::string cut = " " + id.substr(0, length) + "…";
      if (const std::size_t at = text.find(cut); at != std::string::npos) {
        text.replace(at, cut.size(), " " + std::string(k_any_id.substr(0, length)) + "…");
      }
    }
  }
  text = std::regex_replace(text, moment, "Jan 10 2023 11:55");
  text = std::regex_replace(text, short_moment, "Jan 10 11:55");
  text = std::regex_replace(text, ago, "(1 second ago)");
  return std::regex_replace(text, date, "Jan 10 2023");
}

std::vector<std::string> ids_of(const Sandbox& sandbox) {
  std::vector<std::string> ids;
  std::istringstream lines(launch(sandbox.caplet({"token", "list", "--all", "-o", "tsv"})).out);
  for (std::string line; std::getline(lines, line);) {
    ids.push_back(line.substr(0, line.find('\t')));
  }
  return ids;
}

void check_screen(const Sandbox& sandbox, int columns, const std::string& name, const std::vector<std::string>& words) {
  Launch what = sandbox.caplet(words);
  what.terminal = static_cast<unsigned short>(columns);
  const std::string screen = masked(launch(what).out, ids_of(sandbox));
  const auto file =
      std::filesystem::path(CAPLET_SOURCE) / "tests" / "screens" / std::to_string(columns) / (name + ".txt");
  if (const char* golden = std::getenv("CAPLET_GOLDEN"); golden != nullptr && std::string_view(golden) == "write") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << screen;
  }
  CAPTURE(columns, name);
  CHECK(screen == read_file(file));
}

} // namespace

TEST_CASE("screens at 40, 60 and 100 columns", "[screens]") {
  Sandbox sandbox;
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  sandbox.environment["TERM"] = "dumb"; // no colours: whatever matters is seen without
  const auto create = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"token", "create", "-n"});
    const Outcome outcome = launch(sandbox.caplet(words));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
  };
  REQUIRE(launch(sandbox.caplet({"init", "--account", "ana"})).status == 0);
  create({"ci", "-d", "deploys from the runner", "-e", "30d"});
  create({"日本語のトークン", "-d", "cafe\xcc\x81 \xf0\x9f\x94\x91 한국어", "-e", "never"});
  create({"ending", "-d", "what is about to end says so in words", "-e", "3d2h"});
  create({"reader", "-d", "reads orders", "-s", "orders:read", "--uses", "5"});
  create({"leaked", "-d", "gone"});
  REQUIRE(launch(sandbox.caplet({"token", "delete", "leaked", "--reason", "seen in a log"})).status == 0);
  for (const int columns : {60, 100}) {
    check_screen(sandbox, columns, "caplet", {});
    check_screen(sandbox, columns, "help", {"--help"});
    check_screen(sandbox, columns, "help_token_create", {"token", "create", "--help"});
    check_screen(sandbox, columns, "help_formats", {"help", "formats"});
    check_screen(sandbox, columns, "token_list", {"token", "list", "--all", "--no-pager"});
    check_screen(sandbox, columns, "token_show", {"token", "show", "reader"});
    check_screen(sandbox, columns, "audit_list", {"audit", "list", "--no-pager"});
    check_screen(sandbox, columns, "mistake", {"tokne", "list"});
  }
  check_screen(sandbox, 40, "token_list", {"token", "list", "--all", "--wide", "--no-pager"});
  check_screen(sandbox, 40, "audit_list", {"audit", "list", "--limit", "2", "--no-pager"});
  check_screen(sandbox, 40, "help_token_create", {"token", "create", "--help"});
}

// Beyond which lines are broken by the terminal itself, and tables fall apart.
TEST_CASE("no list is wider than the terminal", "[screens]") {
  Sandbox sandbox;
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  sandbox.environment["TERM"] = "dumb";
  sandbox.environment["PAGER"] = "cat";
  for (const char* name : {"ci", "日本語のトークン", "हिन्दी टोकन", "👩‍💻 laptop"}) {
    REQUIRE(launch(sandbox.caplet(
                       {"token", "create", "-n", name, "-d", "what it is for: ❤️ தமிழ்", "-e", "3d"}))
                .status == 0);
  }
  REQUIRE(
      launch(sandbox.caplet({"function", "create", "show", "/bin/true", "--description", "மிழ் a function"})).status ==
      0);
  for (const std::vector<std::string>& list : {std::vector<std::string>{"token", "list", "--wide"},
                                               {"token", "list"},
                                               {"audit", "list"},
                                               {"function", "list"},
                                               {"store", "key", "list"}}) {
    for (int columns = 40; columns <= 130; columns += columns < 70 ? 1 : 7) {
      Launch what = sandbox.caplet(list);
      what.terminal = static_cast<unsigned short>(columns);
      const Outcome outcome = launch(what);
      CAPTURE(columns, list, outcome.out);
      REQUIRE(outcome.status == 0);
      std::istringstream lines(outcome.out);
      for (std::string line; std::getline(lines, line);) {
        CHECK(display_width(line) <= static_cast<std::size_t>(columns));
      }
    }
  }
}

} // namespace caplet::test
