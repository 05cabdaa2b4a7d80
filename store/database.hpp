#pragma once

#include "core/bytes.hpp"
#include "core/progress.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// A SQLite connection with the settings of design section 5, whose failures are caplet::Error: Error{busy, full,
/// unavailable, damaged}. Only what stands in this file includes SQLiteCpp.
/// Threads: one at a time.
class Database {
public:
  /// A prepared statement. Its views are valid until the next step() or reset().
  class Query {
  public:
    Query(Database& database, const char* sql);

    Query& bind(int index, std::int64_t value);
    Query& bind(int index, std::string_view value);
    Query& bind(int index, ByteView value); ///< copied
    Query& bind_null(int index);
    /// Not copied: they stay as they are until reset().
    Query& bind_in_place(int index, const std::string& value);
    Query& bind_in_place(int index, ByteView value);

    /// Whether there is a row.
    bool step();
    /// Runs a statement that gives no rows, and resets it. The number of rows changed.
    int run();
    /// Ends the reading and keeps nothing bound. Never throws.
    void reset() noexcept;

    std::int64_t number(int column);
    std::string_view text(int column);
    ByteView blob(int column);
    bool is_null(int column);

  private:
    const SQLite::Column& column(int index) const { return m_columns[static_cast<std::size_t>(index)]; }

    SQLite::Statement m_statement;
    /// Made at the first row and kept: to make one counts the references to its statement.
    std::vector<SQLite::Column> m_columns;
  };

  enum class Open : std::uint8_t { existing, create };
  enum class Busy : std::uint8_t { waits, says_so }; ///< while another program holds the file; waits: Patience

  /// What becomes of SQLite's journal when a transaction has ended. `stays`: with its header overwritten by zeros and
  /// synced it is no journal any more, and the next transaction need not make and allocate another one, which is a part
  /// of what a small one costs. The next transaction of a connection where it `goes` removes it.
  enum class Journal : std::uint8_t { goes, stays };

  /// REQUIRES: the file was found safe (check_private_file), and for `create` exists and is empty. An existing file is
  /// looked at before SQLite is let near it; only one whose header a power cut may have spoilt, when SQLite has rolled
  /// back what was under way. Error{damaged} for an empty or foreign file and for one that is in WAL mode,
  /// Error{newer_format} for a schema version above ours.
  Database(const std::filesystem::path& path, Open open, Busy busy = Busy::waits, Journal journal = Journal::goes);

  /// While it lives, a statement waits some seconds for another program to let go of the file. For whoever holds our
  /// own lock: then only a stray SQLite shell, or a reader for a moment, can be in the way. A new connection with
  /// Busy::waits is patient, too.
  class Patience {
  public:
    explicit Patience(Database& database);
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;
    ~Patience();

  private:
    Database& m_database;
  };

  /// For the transactions that begin from now on. Costs nothing where it is so already.
  void set_journal(Journal journal);

  /// From now on a statement says busy at once.
  void lose_patience() noexcept;

  void exec(const std::string& sql);
  /// COMMIT. REQUIRES: the store's lock, where the journal stays.
  void commit();
  /// A statement that is prepared once and kept, for what is done for each of many rows. `sql`: a literal, by whose
  /// address it is found again. Whoever steps through it resets it (ScopedReset). REQUIRES: nobody is in the midst of
  /// it.
  Query& kept(const char* sql);
  /// `PRAGMA user_version` of now: what it was before opening rolled back a change may be another.
  std::uint64_t format();
  /// Copies the whole content into another database, of one moment. REQUIRES: neither is in a transaction.
  void copy_to(Database& destination, const Progress& progress);
  bool is_read_only();
  /// A number that changes whenever the file's content does, whoever changes it, as of the last read
  /// (SQLITE_FCNTL_DATA_VERSION). Costs nothing.
  std::uint32_t data_version();

private:
  SQLite::Database m_database;
  Journal m_journal;
  std::map<const char*, Query> m_kept; ///< gone before the connection is
};

/// While it lives, all that is read is of one moment, and other programs do not write.
class ReadTransaction {
public:
  explicit ReadTransaction(Database& database) : m_database(database) {
    m_database.exec("BEGIN");
    m_database.exec("SELECT 1 FROM sqlite_schema"); // the moment is that of the first read
  }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction() {
    try {
      m_database.exec("ROLLBACK");
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): SQLite has ended it by itself
    }
  }

private:
  Database& m_database;
};

/// Resets a query at the end of a scope: a statement that is not reset keeps the file locked.
class ScopedReset {
public:
  explicit ScopedReset(Database::Query& query) noexcept : m_query(query) {}
  ScopedReset(const ScopedReset&) = delete;
  ScopedReset& operator=(const ScopedReset&) = delete;
  ~ScopedReset() { m_query.reset(); }

private:
  Database::Query& m_query;
};

} // namespace caplet
