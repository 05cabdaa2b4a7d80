#pragma once

#include "core/authority.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "store/location.hpp"
#include "store/open_store.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace caplet::test {

class FixedClock final : public Clock {
public:
  Instant now() const override { return time; }
  void wait_until(Instant moment) const override { time = std::max(time, moment); }
  mutable Instant time = Instant(std::chrono::seconds(1'800'000'000)); // 2027-01-15
};

/// So many, times CAPLET_STORM where that is set (./dev soak; less than 1 in a sanitized build), at least one.
int rounds(int count);

/// A directory of its own, gone with this object.
class TemporaryHome {
public:
  TemporaryHome();
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  ~TemporaryHome();

  const std::filesystem::path& path() const { return m_path; }
  Location location() const {
    return {m_path / "store.db", m_path / "key", false, m_path / "anchor", m_path / "store.db.reserve"};
  }

private:
  std::filesystem::path m_path;
};

/// A store of its own with an Authority over it.
struct Fixture {
  Fixture();
  void reopen();
  void close();
  /// As it is given to what only the owner does.
  Event event() const;
  Issued issue(const std::string& name) { return authority->issue(owner, {name, "about " + name, std::nullopt}); }
  std::vector<std::string> names();

  FixedClock clock;
  TemporaryHome home;
  std::unique_ptr<LocalStore> store;
  std::unique_ptr<Authority> authority;
  Actor owner;
};

/// The cost of passphrases in tests: the least there is.
inline constexpr PassphraseCost k_cheap{1, 8192};
/// Opens a store by this passphrase, and by nothing else first. REQUIRES: the text outlives it.
Unlocking passphrase(std::string_view text);

std::string slurp(const std::filesystem::path& path);
/// Overwrites a file's content in place; its mode stays.
void spit(const std::filesystem::path& path, const std::string& bytes);

/// Runs SQL on the store's file as an attacker would, with a plain connection.
void run_sql(const Location& location, const std::string& sql);
std::string query_sql(const Location& location, const std::string& sql);

/// The kind of error that opening the store and reading all of it ends with; nothing if it goes well.
std::optional<Errc> opening_fails(const Location& location, const Unlocking& unlocking = {});

} // namespace caplet::test
