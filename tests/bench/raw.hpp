#pragma once

#include "core/store.hpp"
#include "core/token_string.hpp"
#include "store/open_store.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace bench {

/// A raw connection with the pragmas that the store uses.
class RawConnection {
public:
  explicit RawConnection(const std::string& path) {
    check(sqlite3_open_v2(path.c_str(), &m_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA cell_size_check = ON; PRAGMA temp_store = "
         "MEMORY");
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection() { sqlite3_close_v2(m_handle); }
  void exec(const char* sql) { check(sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(m_handle, sql, -1, &statement, nullptr));
    return statement;
  }
  static void check(int status) {
    if (status != SQLITE_OK) {
      fmt::print(stderr, "raw SQLite failed: {}\n", sqlite3_errstr(status));
      std::abort();
    }
  }

private:
  sqlite3* m_handle = nullptr;
};

/// Tokens put into the store in one transaction, and their strings.
inline std::vector<std::string> fill(caplet::Store& store, int count) {
  using namespace caplet;
  std::vector<std::string> strings;
  const auto change = store.begin();
  Token token;
  token.account = store.info().account;
  token.description = "made for a measurement";
  token.created_at = SystemClock().now();
  token.expires_at = token.created_at + std::chrono::days(90);
  for (int i = 0; i < count; ++i) {
    token.id = draw_id();
    token.name = fmt::format("token-{}", i);
    const Secret secret = draw_token(store.info().prefix, token.kind, token.id);
    token.digest = store.token_digest(secret.text());
    change->insert(token);
    strings.emplace_back(secret.text());
  }
  change->commit();
  return strings;
}

} // namespace bench
