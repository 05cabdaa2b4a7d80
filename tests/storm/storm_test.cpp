// The real binary, killed at any moment, and many at once. CAPLET_STORM multiplies the rounds (./dev soak).

#include "core/error.hpp"
#include "core/token_string.hpp"
#include "tests/store/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace caplet;
using namespace caplet::test;
using namespace std::chrono_literals;

namespace {

/// The real binary, running; its standard output is read through a pipe.
class Caplet {
public:
  Caplet(const TemporaryHome& home, std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    arguments.insert(arguments.begin(), CAPLET_BINARY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::string variable = "CAPLET_HOME=" + home.path().string();
    std::array<char*, 2> environment{variable.data(), nullptr};
    REQUIRE(::posix_spawn(&m_pid, CAPLET_BINARY, &actions, nullptr, argv.data(), environment.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    m_output = ends[0];
  }
  Caplet(const Caplet&) = delete;
  Caplet& operator=(const Caplet&) = delete;
  ~Caplet() { ::close(m_output); }

  void kill() const { ::kill(m_pid, SIGKILL); }

  /// What it printed, and how it ended: an exit status, or 128 + signal.
  int wait(std::string& output) const {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto got = ::read(m_output, buffer.data(), buffer.size());
      if (got <= 0) {
        break;
      }
      output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

private:
  pid_t m_pid = -1;
  int m_output = -1;
};

int run(const TemporaryHome& home, std::vector<std::string> arguments, std::string& output) {
  return Caplet(home, std::move(arguments)).wait(output);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// How many events there are, after asking SQLite whether they are numbered without a gap.
int count_events(const Location& location) {
  CHECK(query_sql(location, "SELECT count(*) = max(seq) FROM event") == "1");
  return std::stoi(query_sql(location, "SELECT count(*) FROM event"));
}

} // namespace

TEST_CASE("kill -9 at any moment: no acknowledged token is lost, nothing is torn") {
  const TemporaryHome home;
  const SystemClock clock;
  std::mt19937 random(std::random_device{}());
  std::vector<std::string> acknowledged;
  // How long a writer is left alone. It follows how fast this build and machine are just now: longer after one that had
  // printed nothing yet, shorter after one that had.
  double patience_us = 5000;
  std::uniform_real_distribution<double> spread(0.2, 1.8);
  int kills = 0;
  int torn = 0;
  for (int round = 0; kills < rounds(200); ++round) {
    Caplet writer(home, {"token", "create", "-n", fmt::format("storm-{}", round)});
    ::usleep(static_cast<useconds_t>(patience_us * spread(random)));
    writer.kill(); // before, within or after its commit
    std::string output;
    const int status = writer.wait(output);
    REQUIRE((status == 0 || status == 128 + SIGKILL));
    kills += status == 0 ? 0 : 1;
    const bool printed = output.find('\n') != std::string::npos;
    if (printed) { // whole on standard output, it is the user's, whatever happened then
      acknowledged.push_back(first_line(output));
    }
    patience_us = std::clamp(patience_us * (printed ? 0.9 : 1.1), 200.0, 2e6);
    if (round % 20 == 0 && store_exists(home.location())) {
      torn += opening_fails(home.location()) ? 1 : 0;
    }
  }
  const auto store = open_store(home.location());
  Authority authority(*store, clock);
  int lost = 0;
  for (const std::string& token : acknowledged) {
    lost += authority.verify(token).valid() ? 0 : 1;
  }
  int records = 0;
  store->each_token([&](const Token&) { return ++records > 0; });
  WARN("kills " << kills << " torn " << torn << " acknowledged " << acknowledged.size() << " lost " << lost);
  CHECK(lost == 0);
  CHECK(torn == 0);
  CHECK(acknowledged.size() > static_cast<std::size_t>(kills / 20)); // else nothing was at stake
  CHECK(count_events(home.location()) == records + 1);               // a mint for each token, and the store's creation
  CHECK(query_sql(home.location(), "PRAGMA integrity_check") == "ok");
}

TEST_CASE("eight creators at once lose nothing, from an empty home on") {
  const TemporaryHome home;
  constexpr int k_creators = 8;
  const int each = rounds(25);
  std::vector<std::vector<std::string>> tokens(k_creators);
  std::vector<double> longest(k_creators);
  std::vector<int> failed(k_creators);
  std::vector<std::thread> creators;
  for (std::size_t i = 0; i < k_creators; ++i) {
    creators.emplace_back([&, i] {
      for (int n = 0; n < each; ++n) {
        const auto start = std::chrono::steady_clock::now();
        std::string output;
        failed[i] += run(home, {"token", "create", "-n", fmt::format("creator-{}-{}", i, n)}, output) == 0 ? 0 : 1;
        longest[i] =
            std::max(longest[i], std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        tokens[i].push_back(first_line(output));
      }
    });
  }
  for (std::thread& creator : creators) {
    creator.join();
  }
  const SystemClock clock;
  const auto store = open_store(home.location());
  Authority authority(*store, clock);
  int valid = 0;
  std::set<std::string> ids;
  for (const auto& list : tokens) {
    for (const std::string& token : list) {
      const Verdict verdict = authority.verify(token);
      valid += verdict.valid() ? 1 : 0;
      ids.insert(verdict.token ? verdict.token->id : "");
    }
  }
  WARN("creators " << k_creators << " commits " << k_creators * each << " lost " << k_creators * each - valid
                   << " longest wait " << *std::max_element(longest.begin(), longest.end()) * 1000 << " ms");
  CHECK(std::count(failed.begin(), failed.end(), 0) == k_creators);
  CHECK(valid == k_creators * each);
  CHECK(ids.size() == static_cast<std::size_t>(k_creators * each));
  CHECK(count_events(home.location()) == k_creators * each + 1);
}

TEST_CASE("one name asked for by eight at once is given once") {
  const TemporaryHome home;
  std::string ignored;
  REQUIRE(run(home, {"init"}, ignored) == 0);
  for (int round = 0; round < rounds(5); ++round) {
    std::vector<std::unique_ptr<Caplet>> creators;
    for (int i = 0; i < 8; ++i) {
      creators.push_back(std::make_unique<Caplet>(
          home, std::vector<std::string>{"token", "create", "-n", fmt::format("same-{}", round)}));
    }
    std::map<int, int> statuses;
    for (const auto& creator : creators) {
      std::string output;
      ++statuses[creator->wait(output)];
    }
    CHECK(statuses == std::map<int, int>{{0, 1}, {1, 7}});
  }
}

TEST_CASE("no secret is in any file, nor in any output but the one print") {
  const TemporaryHome home;
  const std::string name = "canary-name-5f1d";
  const std::string description = "canary-description-90ab";
  std::string token;
  REQUIRE(run(home, {"token", "create", "-n", name, "-d", description}, token) == 0);
  token = first_line(token);
  const std::string secret = token.substr(21, k_secret_length);
  const FixedClock clock;
  const auto store = open_store(home.location());
  const Digest digest = store->token_digest(token);

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
                                             {"token", "delete", name}}) {
    run(home, command, output);
  }
  CHECK(output.find(name) != std::string::npos);
  must_not_be_in(output, "standard output");

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
  CHECK(files == 3); // key, store, journal
  CHECK(journal.find("store.db-journal") != std::string::npos);
}
