#include "store/database.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/files.hpp"
#include "store/journal_name.hpp"
#include "store/schema.hpp"

#include <SQLiteCpp/Backup.h>
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
  constexpr int k_primary = 0xFF; // without the detail
  switch (e.getErrorCode() & k_primary) {
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
  case SQLITE_FORMAT:
  case SQLITE_ERROR: // our statements are fixed: what does not suit them is the file
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

/// The first 100 bytes of the file ("The Database Header", SQLite's file format) and its size, through SQLite's own
/// descriptor: closing one of ours would drop the locks of every other connection of this process (POSIX advisory
/// locks).
struct Header {
  explicit Header(sqlite3* handle) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file == nullptr ||
        file->pMethods == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) {
      throw_unreadable();
    }
    const int status = file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0);
    if (status != SQLITE_OK && status != SQLITE_IOERR_SHORT_READ) {
      throw_unreadable();
    }
  }
  [[noreturn]] static void throw_unreadable() {
    throw Error(Errc::unavailable, "the store's file cannot be read", "check the disk");
  }

  std::uint32_t number(std::size_t at) const {
    return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U | std::uint32_t{bytes[at + 2]} << 8U |
           bytes[at + 3];
  }
  std::int64_t page_size() const {
    const std::int64_t encoded = bytes[16] * 256 + bytes[17];
    return encoded == 1 ? 65536 : encoded;
  }
  std::int64_t page_count() const { return number(28); }
  bool uses_wal() const { return bytes[18] != 1 || bytes[19] != 1; }
  std::int32_t user_version() const { return static_cast<std::int32_t>(number(60)); }
  bool is_ours() const {
    return std::memcmp(bytes.data(), "SQLite format 3", 16) == 0 && number(68) == std::uint32_t{k_application_id};
  }

  std::array<unsigned char, 100> bytes{};
  sqlite3_int64 size = 0;
};

constexpr std::string_view k_foreign_hint = "restore the store from a backup, or move this file out of the way";

/// What must hold before SQLite interprets the file.
void check_header(const Header& header) {
  const auto refuse = [](const std::string& message) {
    throw Error(Errc::damaged, message, std::string(k_foreign_hint));
  };
  if (header.size == 0) {
    refuse("the store's file is empty");
  }
  if (!header.is_ours()) {
    refuse("the store's file is not a caplet store");
  }
  if (header.uses_wal()) {
    refuse("the store's header was changed: it asks for another journal than caplet uses");
  }
  if (header.user_version() > k_schema_version) {
    throw Error(
        Errc::newer_format,
        fmt::format("the store has format {}, and this caplet knows {}", header.user_version(), k_schema_version),
        "use the newer caplet that made it");
  }
  if (header.user_version() < 1) {
    refuse(fmt::format("the store has format {}, which no caplet ever made", header.user_version()));
  }
}

/// Whether the header may be rubbish that a power cut left in the file's first sector: then the journal has what was
/// there before, and SQLite puts it back at its first read. With our name in it, a header is as it was written.
bool may_be_rolled_back(const Header& header, const std::filesystem::path& path) {
  return header.size > 0 && !header.is_ours() && may_be_journal(path.string() + "-journal");
}

/// What must hold once SQLite has read the file, and rolled back what a killed writer left: pages that are cut off
/// would otherwise be missed only when they are asked for.
void check_size(const Header& header) {
  if (header.size < header.page_count() * header.page_size()) {
    throw Error(Errc::damaged, "the store's file was cut short", std::string(k_foreign_hint));
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
constexpr const char* k_settings =
    "PRAGMA synchronous = EXTRA;" // or a power cut might bring a removed journal back, and with it what was before
    "PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -4000;" // KiB: twice the default, for many random ids go into the indexes at once
    "PRAGMA mmap_size = 0;"
    "PRAGMA secure_delete = ON;" // no record under an old key, whatever SQLite defaults to
    "PRAGMA temp_store = MEMORY;";
// Not WAL: the WAL-reset bug, SQLite 3.7.0 to 3.51.2.
constexpr const char* k_journal_goes = "PRAGMA journal_mode = DELETE";
constexpr const char* k_journal_stays = "PRAGMA journal_mode = PERSIST";

SQLite::Database open_file(const std::filesystem::path& path, Database::Busy busy) {
  return translated([&] {
    return SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                            busy == Database::Busy::waits ? k_patience_ms : 0, journal_vfs());
  });
}

} // namespace

Database::Database(const std::filesystem::path& path, Open open, Busy busy, Journal journal)
    : m_database(open_file(path, busy)), m_journal(journal) {
  configure(m_database.getHandle());
  if (open == Open::existing) {
    const Header header(m_database.getHandle());
    if (!may_be_rolled_back(header, path)) {
      check_header(header);
    }
  }
  exec(std::string(k_settings) + (journal == Journal::stays ? k_journal_stays : k_journal_goes));
  if (open == Open::existing) { // again: what was rolled back may be another header
    const Header header(m_database.getHandle());
    check_header(header);
    check_size(header);
  }
}

Database::Patience::Patience(Database& database) : m_database(database) {
  sqlite3_busy_timeout(m_database.m_database.getHandle(), k_patience_ms);
}

Database::Patience::~Patience() { m_database.lose_patience(); }

void Database::set_journal(Journal journal) {
  if (m_journal == journal) {
    return;
  }
  // Out of EXCLUSIVE, which is not entered here, SQLite would remove a journal that is there now and not with the end
  // of the next transaction (pager.c, sqlite3PagerSetJournalMode).
  exec(journal == Journal::stays
           ? std::string(k_journal_stays)
           : fmt::format("PRAGMA locking_mode = EXCLUSIVE; {}; PRAGMA locking_mode = NORMAL", k_journal_goes));
  m_journal = journal;
}

void Database::commit() {
  exec("COMMIT");
  if (m_journal == Journal::stays) {
    mark_journal(m_database.getFilename());
  }
}

void Database::lose_patience() noexcept { sqlite3_busy_timeout(m_database.getHandle(), 0); }

void Database::exec(const std::string& sql) {
  translated([&] { m_database.exec(sql); });
}

Database::Query& Database::kept(const char* sql) { return m_kept.try_emplace(sql, *this, sql).first->second; }

std::uint64_t Database::format() {
  Query query(*this, "PRAGMA user_version");
  return query.step() ? static_cast<std::uint64_t>(query.number(0)) : 0;
}

void Database::copy_to(Database& destination, const Progress& progress) {
  constexpr int k_pages = 256;
  const ReadTransaction moment(*this); // a reader keeps writers out: the copy never begins again
  {
    translated([&] {
      SQLite::Backup backup(destination.m_database, m_database);
      for (int status = SQLITE_OK; status != SQLITE_DONE;) {
        status = backup.executeStep(k_pages);
        if (status != SQLITE_OK && status != SQLITE_DONE) { // SQLiteCpp returns these two and throws for the others
          throw Error(Errc::busy, "the store is in use by another program", "try again in a moment");
        }
        if (progress) {
          const int total = backup.getTotalPageCount();
          progress(static_cast<std::uint64_t>(total - backup.getRemainingPageCount()),
                   static_cast<std::uint64_t>(total));
        }
      }
    });
  }
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

Database::Query& Database::Query::bind_in_place(int index, const std::string& value) {
  translated([&] { m_statement.bindNoCopy(index, value); });
  return *this;
}

Database::Query& Database::Query::bind_in_place(int index, ByteView value) {
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  translated([&] { m_statement.bindNoCopy(index, data, static_cast<int>(value.size())); });
  return *this;
}

Database::Query& Database::Query::bind_null(int index) {
  translated([&] { m_statement.bind(index); });
  return *this;
}

bool Database::Query::step() {
  const bool is_row = translated([&] { return m_statement.executeStep(); });
  if (is_row && m_columns.empty()) {
    for (int index = 0; index < m_statement.getColumnCount(); ++index) {
      m_columns.push_back(m_statement.getColumn(index));
    }
  }
  return is_row;
}

int Database::Query::run() {
  return translated([&] {
    const int changed = m_statement.exec();
    m_statement.reset();
    return changed;
  });
}

void Database::Query::reset() noexcept { m_statement.tryReset(); }

std::int64_t Database::Query::number(int column) { return this->column(column).getInt64(); }

std::string_view Database::Query::text(int column) {
  const auto& value = this->column(column);
  return {value.getText(), static_cast<std::size_t>(value.getBytes())};
}

ByteView Database::Query::blob(int column) {
  const auto& value = this->column(column);
  return {static_cast<const unsigned char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

bool Database::Query::is_null(int column) { return this->column(column).isNull(); }

} // namespace caplet
