// The real binary, killed at any moment. CAPLET_STORM multiplies the kills (./dev soak).

#include "tests/storm/caplet.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <random>
#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

namespace {

/// A token that was printed. Nobody knows about one whose revocation was killed before it said so.
struct Printed {
  enum class Is : std::uint8_t { valid, revoked, unknown };
  std::string name;
  std::string token;
  Is is = Is::valid;
};

/// How long a command is left alone. It follows how fast this build and machine are just now: longer after one that had
/// printed nothing yet, shorter after one that had.
class Patience {
public:
  useconds_t draw(std::mt19937& random) {
    return static_cast<useconds_t>(m_us * std::uniform_real_distribution<double>(0.2, 1.8)(random));
  }
  void learn(bool had_printed) { m_us = std::clamp(m_us * (had_printed ? 0.9 : 1.1), 200.0, 2e6); }

private:
  double m_us = 5000;
};

/// Creates, revokes and uses tokens, and kills every command at some moment.
class Storm {
public:
  void create() {
    const std::string name = fmt::format("storm-{}", ++m_made);
    const auto [printed, line] = shoot(m_creating, {"token", "create", "-n", name});
    if (printed) { // whole on standard output, it is the user's, whatever happened then
      m_printed.push_back({name, line});
    }
  }
  void revoke() {
    Printed& token = any();
    if (token.is != Printed::Is::revoked) {
      token.is = shoot(m_revoking, {"token", "delete", token.name}).first ? Printed::Is::revoked : Printed::Is::unknown;
    }
  }
  /// The stamp comes after the print, so it is given some more time.
  void use() {
    Printed& token = any();
    const bool printed = shoot(m_using, {"verify", "--token", token.token}, 2).first;
    m_uses += printed ? 1 : 0;
  }

  /// Whether the store opens and nothing is wrong with any record, event or page of it.
  bool is_torn() const {
    try {
      return store_exists(home.location()) &&
             !open_store(home.location(), Opening::for_check)->check({}).problems.empty();
    } catch (const Error& e) {
      UNSCOPED_INFO(e.what());
      return true;
    }
  }
  int count_lost() const {
    const SystemClock clock;
    const auto store = open_store(home.location());
    Authority authority(*store, clock);
    return static_cast<int>(std::count_if(m_printed.begin(), m_printed.end(), [&](const Printed& token) {
      const Reason reason = authority.verify(token.token).reason;
      return token.is == Printed::Is::valid     ? reason != Reason::ok
             : token.is == Printed::Is::revoked ? reason != Reason::revoked
                                                : reason != Reason::ok && reason != Reason::revoked;
    }));
  }

  bool has_tokens() const { return !m_printed.empty(); }
  int kills() const { return m_kills; }
  int uses() const { return m_uses; }
  std::size_t created() const { return m_printed.size(); }
  std::ptrdiff_t revoked() const {
    return std::count_if(m_printed.begin(), m_printed.end(),
                         [](const Printed& token) { return token.is == Printed::Is::revoked; });
  }

  const TemporaryHome home;
  std::mt19937 random{std::random_device{}()};

private:
  Printed& any() { return m_printed[random() % m_printed.size()]; }

  /// Whether it printed a whole line, and that line.
  std::pair<bool, std::string> shoot(Patience& patience, std::vector<std::string> words, useconds_t longer = 1) {
    Caplet command(home, std::move(words));
    ::usleep(patience.draw(random) * longer);
    command.kill(); // before, within or after its commit
    std::string output;
    const int status = command.wait(output);
    m_kills += status == 128 + SIGKILL ? 1 : 0;
    const bool printed = output.find('\n') != std::string::npos;
    patience.learn(printed);
    return {printed, first_line(output)};
  }

  std::vector<Printed> m_printed;
  Patience m_creating, m_revoking, m_using;
  int m_made = 0;
  int m_uses = 0;
  int m_kills = 0;
};

} // namespace

TEST_CASE("kill -9 at any moment: nothing acknowledged is lost, nothing is torn") {
  Storm storm;
  int torn = 0;
  for (int round = 0; storm.kills() < rounds(667); ++round) {
    if (round % 4 < 2 || !storm.has_tokens()) {
      storm.create();
    } else if (round % 4 == 2) {
      storm.use();
    } else {
      storm.revoke();
    }
    torn += round % 20 == 0 && storm.is_torn() ? 1 : 0;
  }
  torn += storm.is_torn() ? 1 : 0;
  const int lost = storm.count_lost();
  WARN("kills " << storm.kills() << " torn " << torn << " lost " << lost << "; acknowledged: created "
                << storm.created() << " revoked " << storm.revoked() << " used " << storm.uses());
  CHECK(lost == 0);
  CHECK(torn == 0);
  CHECK(storm.created() > static_cast<std::size_t>(storm.kills() / 20)); // else nothing was at stake
  CHECK(storm.revoked() > 0);
  int records = 0;
  int revoked = 0;
  const auto store = open_store(storm.home.location());
  store->each_token([&](const Token& token) {
    revoked += token.revoked_at ? 1 : 0;
    return ++records > 0;
  });
  int refused = 0; // uses of tokens that were revoked
  store->each_event(0, [&](const Event& event) {
    refused += event.outcome == Event::Outcome::denied ? 1 : 0;
    return true;
  });
  // Each change has its event, and no other is there.
  CHECK(count_events(storm.home.location()) == 1 + records + revoked + refused);
}
