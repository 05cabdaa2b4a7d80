#include "cli/child/clean_environment.hpp"
#include "core/error.hpp"
#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <sstream>

namespace caplet::test {
namespace {

std::vector<std::string> lines_of(const std::string& text, const std::string& start) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(start)) {
      lines.push_back(line.substr(start.size()));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// What an attacker would set.
const std::map<std::string, std::string, std::less<>>& hostile() {
  static const std::map<std::string, std::string, std::less<>> variables{
      {"LD_PRELOAD", "/tmp/evil.so"}, {"LD_LIBRARY_PATH", "/tmp"},
      {"LD_AUDIT", "/tmp/evil.so"},   {"BASH_ENV", "/tmp/evil.sh"},
      {"ENV", "/tmp/evil.sh"},        {"IFS", "x"},
      {"PYTHONPATH", "/tmp"},         {"PYTHONSTARTUP", "/tmp/e.py"},
      {"PERL5LIB", "/tmp"},           {"PERL5OPT", "-Mevil"},
      {"NODE_OPTIONS", "-r /tmp/e"},  {"GLIBC_TUNABLES", "glibc.malloc.check=3"},
      {"CAPLET_TOKEN", "cpl_pat_x"},  {"CAPLET_HOME", "/tmp"},
      {"PATH", "/tmp/evil"},          {"HOME", "/tmp/evil"},
      {"SHELLOPTS", "xtrace"},        {"PS4", "$(touch /tmp/evil)"},
      {"LANG", "../../tmp/evil"},     {"LC_ALL", "/tmp/evil"},
      {"TZ", ":/etc/shadow"},         {"LC_CTYPE", "C.UTF-8"},
      {"STAGE", "from the caller"},   {"BASH_FUNC_ls%%", "() { evil; }"},
      {"GCONV_PATH", "/tmp"},         {"LOCPATH", "/tmp"},
      {"AWS_SECRET_ACCESS_KEY", "x"}};
  return variables;
}

std::optional<std::string> hostile_value(std::string_view name) {
  const auto found = hostile().find(name);
  return found == hostile().end() ? std::nullopt : std::optional(found->second);
}

} // namespace

TEST_CASE("a function sees the allow-list and descriptors 0 to 2") {
  const Fd secret(::open("/etc/passwd", O_RDONLY)); // inherited by whoever does not close it
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGUSR1, &ignore, nullptr);
  const auto environment = clean_environment(hostile_value, {"STAGE"}, {"MODE=test"}, {"CAPLET_FUNCTION=f"});
  FunctionImage image = image_of(puppet(), {"puppet", "surroundings", "surroundings"});
  image.environment = environment;
  const auto played = play(image);
  CHECK(lines_of(played.output, "fd ") == std::vector<std::string>{"0", "1", "2"});
  CHECK(lines_of(played.output, "signal ").empty());
  CHECK(lines_of(played.output, "cwd ") == std::vector<std::string>{"/"});
  CHECK(lines_of(played.output, "session ") == std::vector<std::string>{"1"});
  CHECK(lines_of(played.output, "NoNewPrivs:\t") == std::vector<std::string>{"1"});
  CHECK(lines_of(played.output, "Umask:\t") == std::vector<std::string>{"0022"});
  auto names = lines_of(played.output, "env ");
  CHECK(std::count(names.begin(), names.end(), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") ==
        1);
  CHECK(std::count(names.begin(), names.end(), "STAGE=from the caller") == 1);
  CHECK(std::count(names.begin(), names.end(), "HOME=/tmp/evil") == 0);
  for (std::string& each : names) {
    each.erase(each.find('='));
  }
  CHECK(names == std::vector<std::string>{"CAPLET_FUNCTION", "HOME", "LC_CTYPE", "LOGNAME", "MODE", "PATH", "SHELL",
                                          "STAGE", "USER"});
}

TEST_CASE("a script has one descriptor more, from which it is read and cannot be written") {
  const auto script = seal_script("#!/bin/sh\n"
                                  "for i in 0 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$i ] || printf '%s ' $i; done\n"
                                  "(echo x >&3) 2>/dev/null || echo sealed\n");
  const auto played = play(script, {"script"});
  CHECK(played.output == "0 1 2 3 sealed\n");
}

TEST_CASE("nobody names a variable that changes what runs") {
  for (const auto& [name, value] : hostile()) {
    CAPTURE(name);
    const bool harmless =
        name == "STAGE" || name == "AWS_SECRET_ACCESS_KEY" || name == "LANG" || name == "TZ" || name.starts_with("LC_");
    if (harmless) {
      CHECK_NOTHROW(check_passed_name(name));
    } else {
      CHECK_THROWS_AS(check_passed_name(name), Error);
    }
  }
  CHECK_NOTHROW(check_assignment("PATH=/opt/bin"));
  CHECK_THROWS_AS(check_assignment("LD_PRELOAD=x"), Error);
  CHECK_THROWS_AS(check_assignment("PYTHONPATH=x"), Error);
  CHECK_THROWS_AS(check_assignment("1A=x"), Error);
  CHECK_THROWS_AS(check_assignment("A"), Error);
  CHECK_THROWS_AS(check_assignment("=x"), Error);
  CHECK_THROWS_AS(check_assignment("BASH_FUNC_x%%=() { :; }"), Error);
}

} // namespace caplet::test
