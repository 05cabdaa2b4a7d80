#include "tests/store/support.hpp"

#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace caplet::test {

int rounds(int count) {
  const char* factor = std::getenv("CAPLET_STORM");
  return std::max(1, static_cast<int>(count * (factor == nullptr ? 1 : std::atof(factor))));
}

TemporaryHome::TemporaryHome() {
  std::string name = (std::filesystem::temp_directory_path() / "caplet-test-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  m_path = name;
}

TemporaryHome::~TemporaryHome() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

Fixture::Fixture() {
  create_store(home.location(), {"cpl", "tester", 0}, clock);
  reopen();
}

void Fixture::reopen() {
  authority.reset();
  store.reset();
  store = open_store(home.location());
  authority = std::make_unique<Authority>(*store, clock);
  owner = authority->owner(0);
}

void Fixture::close() {
  authority.reset();
  store.reset();
}

Event Fixture::event() const {
  Event event;
  event.time = clock.now();
  event.actor_name = "tester";
  return event;
}

Unlocking passphrase(std::string_view text) {
  Unlocking unlocking;
  unlocking.passphrase_first = true;
  unlocking.passphrase = [text](int attempt) {
    return attempt == 1 ? std::optional<Secret>(as_bytes(text)) : std::nullopt;
  };
  return unlocking;
}

std::vector<std::string> Fixture::names() {
  std::vector<std::string> names;
  authority->each(owner, [&](const Token& token) {
    names.push_back(token.name);
    return true;
  });
  return names;
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void spit(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  REQUIRE(out.flush());
}

void run_sql(const Location& location, const std::string& sql) {
  SQLite::Database database(location.store.string(), SQLite::OPEN_READWRITE);
  database.exec(sql);
}

std::string query_sql(const Location& location, const std::string& sql) {
  SQLite::Database database(location.store.string(), SQLite::OPEN_READWRITE); // it may have to roll back
  return database.execAndGet(sql).getString();
}

std::optional<Errc> opening_fails(const Location& location, const Unlocking& unlocking) {
  try {
    const auto store = open_store(location, Opening::strict, unlocking);
    store->each_token([](const Token&) { return true; });
    return std::nullopt;
  } catch (const Error& e) {
    CHECK_FALSE(e.hint().empty());
    return e.code();
  }
}

} // namespace caplet::test
