#include "store/database.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/schema.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cstring>

namespace caplet {
namespace {

constexpr int k_patience_ms = 5000;

[[noreturn]] void rethrow(const SQLite::Exception& e) {
  constexpr std::string_view k_restore = "restore the store from a backup";
  switch (e.getErrorCode()) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    throw Error(Errc::busy, "the store is in use by another program", "try again in a moment");
  case SQLITE_FULL:
    throw Error(Errc::full, "the disk is full: nothing was changed", "free some space and try again");
  case SQLITE_READONLY:
    throw Error(Errc::unavailable, "the store cannot be written: its file or file system is read-only",
                "make it writable, or copy the store elsewhere");
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    throw Error(Errc::unavailable, fmt::format("the store cannot be opened ({})", escape(e.what())),
                "check the file and the directory it lies in");
  case SQLITE_IOERR:
    throw Error(Errc::unavailable, fmt::format("reading or writing the store failed ({})", escape(e.what())),
                "check the disk; then see what the store holds: caplet token list");
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    throw Error(Errc::damaged, fmt::format("the store's file is damaged ({})", escape(e.what())),
                std::string(k_restore));
  case SQLITE_CONSTRAINT:
  case SQLITE_MISMATCH:
    throw Error(Errc::damaged, fmt::format("the store's tables contradict each other ({})", escape(e.what())),
                std::string(k_restore));
  default:
    throw Error(Errc::failed, fmt::format("the store failed ({})", escape(e.what())));
  }
}

/// Runs `work` and translates what SQLite throws where it enters.
template <typename Work>
decltype(auto) translated(Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& e) {
    rethrow(e);
  }
}

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24U | std::uint32_t{at[1]} << 16U | std::uint32_t{at[2]} << 8U | at[3];
}

/// The first 100 bytes of the file ("The Database Header", SQLite's file format), through SQLite's own descriptor:
/// closing one of ours would drop the locks of every other connection of this process (POSIX advisory locks).
void check_header(sqlite3* handle) {
  constexpr std::string_view k_hint = "restore the store from a backup, or move this file out of the way";
  sqlite3_file* file = nullptr;
  std::array<unsigned char, 100> header{};
  sqlite3_int64 size = 0;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file == nullptr ||
      file->pMethods == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
    throw Error(Errc::unavailable, "the store's file cannot be read", "check the disk");
  }
  if (size == 0) {
    throw Error(Errc::damaged, "the store's file is empty", std::string(k_hint));
  }
  const int status = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  if (status != SQLITE_OK && status != SQLITE_IOERR_SHORT_READ) {
    throw Error(Errc::unavailable, "the store's file cannot be read", "check the disk");
  }
  constexpr std::array<unsigned char, 16> k_magic{'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f',
                                                  'o', 'r', 'm', 'a', 't', ' ', '3', 0};
  constexpr std::size_t k_write_version = 18;
  constexpr std::size_t k_read_version = 19;
  constexpr std::size_t k_user_version = 60;
  constexpr std::size_t k_application = 68;
  if (std::memcmp(header.data(), k_magic.data(), k_magic.size()) != 0 ||
      big_endian(header.data() + k_application) != std::uint32_t{k_application_id}) {
    throw Error(Errc::damaged, "the store's file is not a caplet store", std::string(k_hint));
  }
  if (header[k_write_version] != 1 || header[k_read_version] != 1) {
    throw Error(Errc::damaged, "the store's header was changed: it asks for another journal than caplet uses",
                std::string(k_hint));
  }
  const auto version = static_cast<std::int32_t>(big_endian(header.data() + k_user_version));
  if (version > k_schema_version) {
    throw Error(Errc::newer_format,
                fmt::format("the store has format {}, and this caplet knows {}", version, k_schema_version),
                "use the newer caplet that made it");
  }
  if (version != k_schema_version) {
    throw Error(Errc::damaged, fmt::format("the store has format {}, which no caplet ever made", version),
                std::string(k_hint));
  }
}

void configure(sqlite3* handle) {
  constexpr std::array k_switches{
      std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},      std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
      std::pair{SQLITE_DBCONFIG_DQS_DML, 0},        std::pair{SQLITE_DBCONFIG_DQS_DDL, 0}};
  for (const auto& [option, value] : k_switches) {
    sqlite3_db_config(handle, option, value, nullptr);
  }
}

/// Asked of SQLite before the first statement; each costs a microsecond or two.
constexpr const char* k_settings = "PRAGMA journal_mode = DELETE;" // not WAL: the WAL-reset bug, SQLite 3.7.0 to 3.51.2
                                   "PRAGMA synchronous = EXTRA;"
                                   "PRAGMA cell_size_check = ON;"
                                   "PRAGMA mmap_size = 0;"
                                   "PRAGMA temp_store = MEMORY";

SQLite::Database open_file(const std::filesystem::path& path) {
  return translated([&] {
    return SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                            k_patience_ms);
  });
}

} // namespace

Database::Database(const std::filesystem::path& path, Open open) : m_database(open_file(path)) {
  configure(m_database.getHandle());
  if (open == Open::existing) {
    check_header(m_database.getHandle());
  }
  exec(k_settings);
}

Database::Patience::Patience(Database& database) : m_database(database) {
  sqlite3_busy_timeout(m_database.m_database.getHandle(), k_patience_ms);
}

Database::Patience::~Patience() { m_database.lose_patience(); }

void Database::lose_patience() noexcept { sqlite3_busy_timeout(m_database.getHandle(), 0); }

void Database::exec(const std::string& sql) {
  translated([&] { m_database.exec(sql); });
}

bool Database::is_read_only() { return sqlite3_db_readonly(m_database.getHandle(), "main") == 1; }

std::uint32_t Database::data_version() {
  std::uint32_t version = 0;
  sqlite3_file_control(m_database.getHandle(), "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return version;
}

Database::Query::Query(Database& database, const char* sql)
    : m_statement(translated([&] { return SQLite::Statement(database.m_database, sql); })) {}

Database::Query& Database::Query::bind(int index, std::int64_t value) {
  translated([&] { m_statement.bind(index, value); });
  return *this;
}

Database::Query& Database::Query::bind(int index, std::string_view value) {
  translated([&] { m_statement.bind(index, std::string(value)); });
  return *this;
}

Database::Query& Database::Query::bind(int index, ByteView value) {
  // A null pointer would bind NULL; an empty blob is not that.
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  translated([&] { m_statement.bind(index, data, static_cast<int>(value.size())); });
  return *this;
}

Database::Query& Database::Query::bind_null(int index) {
  translated([&] { m_statement.bind(index); });
  return *this;
}

bool Database::Query::step() {
  return translated([&] { return m_statement.executeStep(); });
}

int Database::Query::run() {
  return translated([&] {
    const int changed = m_statement.exec();
    m_statement.reset();
    return changed;
  });
}

void Database::Query::reset() noexcept { m_statement.tryReset(); }

std::int64_t Database::Query::number(int column) { return m_statement.getColumn(column).getInt64(); }

std::string_view Database::Query::text(int column) {
  const auto value = m_statement.getColumn(column);
  return {value.getText(), static_cast<std::size_t>(value.getBytes())};
}

ByteView Database::Query::blob(int column) {
  const auto value = m_statement.getColumn(column);
  return {static_cast<const unsigned char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

bool Database::Query::is_null(int column) { return m_statement.getColumn(column).isNull(); }

} // namespace caplet
