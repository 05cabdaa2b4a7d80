#pragma once

#include "core/store.hpp"
#include "core/token_string.hpp"
#include "store/open_store.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
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

using Key = std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>;

/// As many sealed rows as a store has, with the columns and sizes of a token's record, in a table of our own.
inline void fill_raw(RawConnection& raw, const Key& key, int count) {
  constexpr std::size_t k_content = 192;
  std::array<unsigned char, 24> nonce{};
  std::array<unsigned char, 160> additional{};
  std::array<unsigned char, k_content> content{};
  std::array<unsigned char, 24 + k_content + 16> sealed{};
  raw.exec("CREATE TABLE row(seq INTEGER PRIMARY KEY, kind, id, revision, epoch, name_index, sealed); BEGIN");
  sqlite3_stmt* insert = raw.prepare("INSERT INTO row VALUES(NULL, 4, 'Aa1bbbbbbbbb', 1, 0, randomblob(16), ?1)");
  for (int i = 0; i < count; ++i) {
    randombytes_buf(nonce.data(), nonce.size());
    std::copy(nonce.begin(), nonce.end(), sealed.begin());
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce.size(), nullptr, content.data(), content.size(),
                                               additional.data(), additional.size(), nullptr, nonce.data(), key.data());
    sqlite3_bind_blob(insert, 1, sealed.data(), static_cast<int>(sealed.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(insert) != SQLITE_DONE) {
      std::abort();
    }
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  raw.exec("COMMIT");
}

inline void decrypt_all(RawConnection& raw, const Key& key) {
  std::array<unsigned char, 160> additional{};
  std::vector<unsigned char> content(4096);
  sqlite3_stmt* select = raw.prepare("SELECT sealed, seq, kind, id, revision, epoch, name_index FROM row ORDER BY seq");
  while (sqlite3_step(select) == SQLITE_ROW) {
    const auto* sealed = static_cast<const unsigned char*>(sqlite3_column_blob(select, 0));
    const auto size = static_cast<unsigned long long>(sqlite3_column_bytes(select, 0));
    sqlite3_int64 numbers = 0;
    for (const int column : {1, 2, 4, 5}) {
      numbers += sqlite3_column_int64(select, column);
    }
    if (numbers == 0 || sqlite3_column_text(select, 3) == nullptr || sqlite3_column_blob(select, 6) == nullptr) {
      std::abort();
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, sealed + 24, size - 24,
                                                   additional.data(), additional.size(), sealed, key.data()) != 0) {
      std::abort();
    }
  }
  sqlite3_finalize(select);
}

/// What a token of a measurement has.
enum class Limits { none, scopes_and_networks };

/// Tokens put into the store in one transaction, and their strings.
inline std::vector<std::string> fill(caplet::Store& store, int count, Limits limits = Limits::none) {
  using namespace caplet;
  std::vector<std::string> strings;
  const auto change = store.begin();
  Token token;
  token.account = store.info().account;
  token.description = "made for a measurement";
  token.created_at = SystemClock().now();
  token.expires_at = token.created_at + std::chrono::days(90);
  if (limits == Limits::scopes_and_networks) {
    token.kind = TokenKind::sat;
    token.scopes = {"orders:read", "orders:write", "stock:*"};
    token.networks = {parse_network("10.0.0.0/8"), parse_network("fd00::/8")};
  }
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
