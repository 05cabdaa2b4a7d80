#include "tests/cli/script.hpp"
#include "tests/cli/transcript.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <vector>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scripts() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(CAPLET_SCRIPTS)) {
    if (entry.path().extension() == ".txt" && entry.path().stem() != "README") {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Script script_of(std::vector<std::string> lines) {
  Script script;
  script.path = "inline.txt";
  for (std::string& line : lines) {
    script.lines.push_back({script.lines.size() + 1, std::move(line)});
  }
  return script;
}

} // namespace

TEST_CASE("transcripts", "[scripts]") {
  REQUIRE_FALSE(scripts().empty());
  for (const fs::path& path : scripts()) {
    DYNAMIC_SECTION(path.stem().string()) {
      const Script script = read_script(path);
      Transcript transcript(script);
      try {
        transcript.play();
        SUCCEED(transcript.checks());
      } catch (const Skipped& reason) {
        std::cerr << "SKIPPED " << path.filename().string() << ": " << reason.what() << "\n";
      } catch (const Failure& failure) {
        FAIL(failure.what());
      }
    }
  }
}

TEST_CASE("a program that hangs is killed, and said to be late", "[scripts]") {
  const Sandbox sandbox;
  Launch hangs = sandbox.shell("sleep 600");
  hangs.patience = std::chrono::seconds(1);
  CHECK(launch(hangs).late);
}

// A runner that cannot fail proves nothing.
TEST_CASE("a transcript fails where it should", "[scripts]") {
  const std::vector<std::vector<std::string>> wrong{
      {"nonsense"},
      {"? x caplet version"},
      {"caplet nonsense"},
      {"! caplet version"},
      {"? 3 caplet version"},
      {"caplet version", "stdout nonsense"},
      {"caplet version", "! stdout caplet"},
      {"! caplet nonsense", "! stderr error"},
      {"caplet version", "error caplet"},
      {"! caplet nonsense", "error something else"},
      {"sh printf 'caplet: error: x\\n' >&2", "error x"}, // no hint
      {"sh printf 'caplet: error: x\\ncaplet: error: x\\ncaplet: hint: y\\n' >&2", "error x"},
      {"sh printf 'z\\n'; printf 'caplet: error: x\\ncaplet: hint: y\\n' >&2", "error x"},
      {"sh false"},
      {"! sh true"},
      {"caplet version", "sh echo x >f", "stdout-is f", "caplet version", "stdout-is f"},
      {"exists f"},
      {"sh echo x >f", "! exists f"},
      {"sh echo x >f; chmod 644 f", "mode f 0600"},
      {"sh mkdir d", "snapshot d", "sh touch d/f", "unchanged d"},
      {"sh touch f", "snapshot f", "sh chmod 700 f", "unchanged f"},
      {"sh echo x >f", "snapshot f", "sh echo y >f", "unchanged f"},
      {"unchanged f"},
      {"caplet $NOBODY_SET_THIS"},
      {"caplet 'open"},
      {"sh printf 'xx\\nx\\n'", "aligned"},
      {"sh printf '日\\nx\\n'", "aligned"},
      {"sh printf 'xxxx\\n'", "aligned 3"},
      {"caplet token create -n a", "capture T", "sh echo $T >f", "no-secrets f"},
      {"typed a", "tty version"},
      {"typed \"hello-there\\r\"", "tty-sh printf 'Name: '; read x; echo"}, // echoed
      {"tty-sh stty -echo"},
      // Every run is searched for the parts of tokens that were printed before.
      {"caplet token create -n a", "capture T", "sh printf %s ${T#*_*_*_}", "capture S",
       "caplet token create -n b -d $S", "caplet token show b"},
  };
  for (const auto& lines : wrong) {
    const Script script = script_of(lines);
    CAPTURE(lines);
    CHECK_THROWS_AS(Transcript(script).play(), Failure);
  }
}

} // namespace caplet::test
