#include "tests/faults/trial.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>
#include <fstream>
#include <mutex>
#include <regex>
#include <thread>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

constexpr int k_step = CAPLET_FAULT_STEP;

Location location_of(const Before& before) {
  const fs::path& home = before.home;
  return {home / "store.db", home / "key", false, home / "anchor", home / "store.db.reserve"};
}

/// The log of the shim; and the call that the fault was given to, without its mark.
std::vector<std::string> read_log(const fs::path& log, std::string& faulty) {
  std::vector<std::string> calls;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('!')) {
      line.erase(0, 1);
      faulty = faulty.empty() ? line : faulty;
    }
    calls.push_back(line);
  }
  return calls;
}

std::string whole_token(const Outcome& outcome) {
  return outcome.out.starts_with("cpl_") && outcome.out.ends_with('\n') ? outcome.out.substr(0, outcome.out.find('\n'))
                                                                        : "";
}

bool was_killed(const Outcome& outcome) { return outcome.status == 128 + SIGKILL; }

/// Whether the change of a command is in the store.
bool is_done(const Command& command, const Before& before) {
  if (command.look != nullptr) {
    return command.look(before);
  }
  const Outcome proof = run_caplet(before, expand(command.proof, before));
  return proof.status == 0 && std::regex_search(proof.out, std::regex(std::string(command.done)));
}

} // namespace

Outcome run_caplet(const Before& before, std::vector<std::string> words, const std::string& input,
                   const std::string& fault, const fs::path& log) {
  words.insert(words.begin(), "caplet");
  Variables environment = before.environment;
  environment["CAPLET_HOME"] = before.home.string();
  if (!log.empty()) {
    environment.insert({{"LD_PRELOAD", CAPLET_SHIM}, {"CAPLET_FAULT_LOG", log.string()}});
  }
  if (!fault.empty()) {
    environment["CAPLET_FAULT"] = fault;
  }
  return launch({CAPLET_BINARY, std::move(words), std::move(environment), "/", input, std::nullopt});
}

Laboratory::Laboratory(const Command& command) : m_command(command) {
  m_before.home = m_place.path() / "before";
  command.start(m_before);
  if (m_command.look != nullptr) {
    REQUIRE_FALSE(is_done(command, m_before));
  } else if (store_exists(location_of(m_before))) {
    m_events_before = open_store(location_of(m_before))->check({}).events;
    REQUIRE_FALSE(is_done(command, m_before));
  }
  // Once without a fault.
  Before whole = m_before;
  whole.home = m_place.path() / "whole";
  if (fs::exists(m_before.home)) {
    fs::copy(m_before.home, whole.home, fs::copy_options::recursive);
  }
  const fs::path log = m_place.path() / "log";
  const Outcome outcome = run_caplet(whole, expand(command.words, whole), std::string(command.input), "", log);
  INFO(outcome.err);
  REQUIRE(outcome.status == command.succeeds);
  REQUIRE(is_done(command, whole));
  m_events_done = open_store(location_of(whole))->check({}).events;
  m_prints_token = !whole_token(outcome).empty();
  std::string none;
  m_calls = read_log(log, none);
  REQUIRE_FALSE(m_calls.empty()); // else the shim was not there
}

Trial Laboratory::run(const std::string& mode, int at) const {
  const fs::path place = m_place.path() / fmt::format("{}-{}", mode, at);
  fs::create_directory(place);
  Before before = m_before;
  before.home = place / "home";
  if (fs::exists(m_before.home)) {
    fs::copy(m_before.home, before.home, fs::copy_options::recursive);
  }
  const Outcome outcome = run_caplet(before, expand(m_command.words, before), std::string(m_command.input),
                                     fmt::format("{} {}", mode, at), place / "log");
  Trial trial;
  read_log(place / "log", trial.call);
  try {
    look_at(before, outcome, trial);
    look_at_status(outcome, mode, trial);
  } catch (const std::exception& e) {
    trial.torn = fmt::format("{}\n{}", e.what(), outcome.err);
  }
  fs::remove_all(place);
  return trial;
}

void Laboratory::look_at_status(const Outcome& outcome, const std::string& mode, Trial& trial) const {
  const bool is_interrupted = mode == fmt::format("error-{}", EINTR);
  // SQLite tries no fdatasync again. Linux interrupts none but on FUSE; an error is what there is to give then.
  const bool must_succeed = mode == "short" || (is_interrupted && !trial.call.starts_with("fdatasync "));
  if (must_succeed && outcome.status != m_command.succeeds) {
    trial.lied += fmt::format("it gave up: {}", outcome.err);
  }
  // SQLite does not look whether the directory of a new journal was synced: that is for the power loss test.
  const bool was_sync = trial.call.starts_with("fsync ") || trial.call.starts_with("fdatasync ");
  const bool was_file = was_sync && !fs::is_directory(trial.call.substr(trial.call.find(' ') + 1));
  const bool succeeded = outcome.status == m_command.succeeds;
  const bool is_admitted = !m_command.admits.empty() && outcome.err.find(m_command.admits) != std::string::npos;
  const bool may_succeed = m_command.is_best_effort || is_admitted;
  if (was_file && succeeded && mode.starts_with("error-") && !is_interrupted && !may_succeed) {
    trial.lied += "exit status 0, and a file was not synced\n";
  }
}

void Laboratory::look_at(const Before& before, const Outcome& outcome, Trial& trial) const {
  if (outcome.late) {
    trial.lied = "it hung";
  }
  if (!store_exists(location_of(before))) {
    if (outcome.status == 0 || !outcome.out.empty() || !before.tokens.empty()) {
      trial.lost = "there is no store";
    } else if (run_caplet(before, {"token", "create", "-n", "next"}).status != 0) {
      trial.torn = "no store can be made where the command has been";
    }
    return;
  }
  trial.is_done = is_done(m_command, before); // before it is opened: an old format is brought along by that
  const auto report = open_store(location_of(before))->check({});
  for (const auto& problem : report.problems) {
    trial.torn += problem.place + ": " + problem.what + "\n";
  }
  look_at_change(before, outcome, trial, report.events);
}

void Laboratory::look_at_change(const Before& before, const Outcome& outcome, Trial& trial,
                                std::uint64_t events) const {
  const SystemClock clock;
  const auto store = open_store(location_of(before));
  Authority authority(*store, clock);
  for (const auto& [name, token] : before.tokens) {
    const bool taken = trial.is_done && name == m_command.takes_token;
    if (authority.verify(token).valid() == taken) {
      trial.lost += name + (taken ? " is still valid\n" : " is not valid any more\n");
    }
  }
  const std::string token = whole_token(outcome);
  const bool is_acknowledged = outcome.status == m_command.succeeds || was_killed(outcome);
  if (m_command.hands_over && trial.is_done && !(!token.empty() && authority.verify(token).valid())) {
    trial.lost += "the old secret is dead, and there is no new one\n";
  }
  const bool is_half_done = m_command.hands_over && outcome.err.find("the new secret is good") != std::string::npos;
  if (!token.empty() && authority.verify(token).valid() != (is_acknowledged || is_half_done)) {
    (is_acknowledged ? trial.lost : trial.lied) += "the token that was printed\n";
  }
  if (outcome.status == m_command.succeeds && !trial.is_done && !m_command.is_best_effort) {
    trial.lied += "exit status 0, and nothing is changed\n";
  }
  if (!is_acknowledged && outcome.err.find("caplet: error: ") == std::string::npos) {
    trial.lied += fmt::format("exit status {} without a word: {}\n", outcome.status, outcome.err);
  }
  if (!is_acknowledged && token.empty() && !outcome.out.empty() && !m_command.tells_before) {
    trial.lied += "a failed command has printed something: " + outcome.out;
  }
  if (!is_acknowledged && trial.is_done && outcome.err.find("nothing was changed") != std::string::npos) {
    trial.lied += "it says that nothing was changed\n";
  }
  // Its audit events are there with the change, and only with it. A token that could not be shown is taken back.
  const bool taken_back = !is_acknowledged && trial.call == "write 1";
  if (taken_back && trial.is_done && m_prints_token && outcome.err.find("caplet token delete") == std::string::npos) {
    trial.lied += "a token is left that nobody got, and nobody is told\n";
  }
  const bool is_counted = m_command.look == nullptr;
  const bool fits =
      !is_counted || (trial.is_done ? events == m_events_done : events == m_events_before || m_events_before == 0);
  if (!fits && !taken_back) {
    trial.torn += fmt::format("{} events, change {}\n", events, trial.is_done ? "done" : "not done");
  }
  if (!authority.verify(authority.issue(authority.owner(0), {"afterwards", "", std::nullopt}).secret.text()).valid()) {
    trial.torn += "no token can be made afterwards\n";
  }
}

Figures try_every_call(const Laboratory& laboratory, const Command& command, const std::string& mode) {
  Figures figures;
  std::atomic<int> next = static_cast<int>(laboratory.calls().size() - 1) % k_step + 1; // so as to meet the last
  std::atomic<bool> ended = false;
  std::mutex reports;
  const auto work = [&] {
    while (!ended) {
      const int at = next.fetch_add(k_step);
      Trial trial;
      try {
        trial = laboratory.run(mode, at);
      } catch (const std::exception& e) { // the test's own trouble; a thread must not end by it
        trial.torn = e.what();
      }
      const std::lock_guard lock(reports); // Catch2 knows one thread
      ended = ended || trial.call.empty();
      figures.runs += trial.call.empty() ? 0 : 1;
      figures.done += trial.is_done && !trial.call.empty() ? 1 : 0;
      figures.torn += trial.torn.empty() ? 0 : 1;
      figures.lost += trial.lost.empty() ? 0 : 1;
      figures.lied += trial.lied.empty() ? 0 : 1;
      UNSCOPED_INFO(command.words << ": " << mode << " at call " << at << ", " << trial.call);
      CHECK(trial.torn == "");
      UNSCOPED_INFO(command.words << ": " << mode << " at call " << at << ", " << trial.call);
      CHECK(trial.lost == "");
      UNSCOPED_INFO(command.words << ": " << mode << " at call " << at << ", " << trial.call);
      CHECK(trial.lied == "");
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    workers.emplace_back(work);
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  return figures;
}

} // namespace caplet::test
