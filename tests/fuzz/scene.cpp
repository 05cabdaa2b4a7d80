#include "tests/fuzz/scene.hpp"

#include "core/authority.hpp"
#include "core/error.hpp"
#include "store/open_store.hpp"
#include "tests/fuzz/input.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace caplet::fuzz {
namespace {

namespace fs = std::filesystem;

class FixedClock final : public Clock {
public:
  Instant now() const override { return Instant(std::chrono::seconds(1'800'000'000)); }
};

std::mt19937_64& generator() {
  static std::mt19937_64 numbers(1); // NOLINT(cert-msc51-cpp): the same store in every run is the point
  return numbers;
}

/// In place of the kernel's random bytes: an input that was found must find its bytes where they were.
void make_predictable() {
  static randombytes_implementation implementation{};
  implementation.implementation_name = [] { return "predictable"; };
  implementation.random = [] { return static_cast<std::uint32_t>(generator()()); };
  implementation.buf = [](void* const out, const std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(generator()());
    }
  };
  randombytes_set_implementation(&implementation);
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void spit(const fs::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  require(out.flush().good(), "a file can be written");
}

std::string describe(const Token& token) {
  return fmt::format("{} {} {} {} {} {} {}\n", token.id, token.name, token.description, token.account,
                     token.expires_at.has_value(), token.revoked_at.has_value(), to_hex(token.digest));
}

std::string describe(const Event& event) {
  return fmt::format("{} {} {} {} {} {}\n", event.seq, event.action, event.actor_name, event.target_id,
                     event.target_name, event.time.time_since_epoch().count());
}

/// The kinds of error that say: this file is not one to be believed.
bool says_so(Errc code) {
  return code == Errc::damaged || code == Errc::locked || code == Errc::newer_format || code == Errc::unsafe;
}

} // namespace

Scene::Scene() {
  make_predictable();
  std::string name = (fs::temp_directory_path() / "caplet-fuzz-XXXXXX").string();
  require(::mkdtemp(name.data()) != nullptr, "there is a temporary directory");
  const fs::path home = fs::canonical(name);
  location = {home / "store.db", home / "key", false};
  older = {home / "older.db", home / "key", false};
  const FixedClock clock;
  create_store(location, {"cpl", "tester", 0}, clock);
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const Actor owner = authority.owner(0);
  for (const std::string each : {"one", "two", "three"}) {
    m_tokens.emplace_back(authority.issue(owner, {each, "about " + each, std::nullopt}).secret.text());
  }
  m_older_expected = answers();
  older_whole = slurp(location.store);
  spit(older.store, older_whole);
  authority.revoke(owner, "two", {"lost"});
  m_expected = answers();
  whole = slurp(location.store);
  require(m_expected != m_older_expected, "the copies differ");
}

Scene::~Scene() {
  std::error_code ignored;
  fs::remove_all(location.store.parent_path(), ignored);
}

void Scene::put(const std::string& bytes) const {
  std::error_code ignored;
  fs::remove(location.store.string() + "-journal", ignored);
  spit(location.store, bytes);
}

std::string Scene::answers() const {
  std::string all;
  const FixedClock clock;
  const auto store = open_store(location);
  Authority authority(*store, clock);
  const Actor owner = authority.owner(0);
  all += fmt::format("{} {} {}\n", store->info().prefix, owner.name, owner.account);
  for (const std::string& token : m_tokens) {
    const Verdict verdict = authority.verify(token);
    all += fmt::format("{} {}\n", to_string(verdict.reason), verdict.token ? verdict.token->id : "");
  }
  authority.each(owner, [&](const Token& token) {
    all += describe(token) + describe(authority.find(owner, token.id)) + describe(authority.find(owner, token.name));
    return true;
  });
  authority.each_event(owner, 0, [&](const Event& event) {
    all += describe(event);
    return true;
  });
  if (!store->check({}).problems.empty()) {
    throw Error(Errc::damaged, "the check found it");
  }
  return all;
}

void Scene::check() const {
  std::string now;
  try {
    now = answers();
  } catch (const Error& e) {
    if (!says_so(e.code())) {
      std::fprintf(stderr, "%s\n", e.what());
    }
    require(says_so(e.code()), "a store that was written to is refused as such");
    return;
  }
  if (now != m_expected && now != m_older_expected) {
    std::fprintf(stderr, "expected:\n%s\nanswered:\n%s\n", m_expected.c_str(), now.c_str());
  }
  require(now == m_expected || now == m_older_expected, "no answer is another than before");
}

} // namespace caplet::fuzz
