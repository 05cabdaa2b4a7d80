// The rows of the store changed by SQL, as somebody would who knows the format and has no key: deleted, put back to an
// older version, values exchanged. It answers as before, or it is refused.

#include "tests/fuzz/input.hpp"
#include "tests/fuzz/scene.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <vector>

using namespace caplet;

namespace {

struct Table {
  std::string name;
  std::vector<std::string> columns;
};

class Connection {
public:
  explicit Connection(const std::string& path) {
    fuzz::require(sqlite3_open(path.c_str(), &m_handle) == SQLITE_OK, "SQLite opens the file");
    exec("PRAGMA synchronous = OFF");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close(m_handle); }

  /// What SQLite refuses (a constraint) did not happen.
  void exec(const std::string& sql) { sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr); }

  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> values;
    const auto collect = [](void* out, int, char** row, char**) {
      static_cast<std::vector<std::string>*>(out)->emplace_back(row[0]);
      return 0;
    };
    fuzz::require(sqlite3_exec(m_handle, sql.c_str(), collect, &values, nullptr) == SQLITE_OK, "SQLite reads the file");
    return values;
  }

private:
  sqlite3* m_handle = nullptr;
};

/// Asked of the store itself, so that this list does not grow old.
std::vector<Table> tables_of(const fuzz::Scene& scene) {
  Connection connection(scene.location.store.string());
  std::vector<Table> tables;
  for (const std::string& name : connection.column("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
    tables.push_back({name, connection.column("SELECT name FROM pragma_table_info('" + name + "')")});
  }
  return tables;
}

/// One statement. Rows are counted, so that each number is one of those there are.
std::string statement(fuzz::Input& in, const std::vector<Table>& tables) {
  const int kind = in.byte() % 7;
  const Table& table = tables[in.byte() % tables.size()];
  const std::string& column = table.columns[in.byte() % table.columns.size()];
  const auto row = [&](const std::string& source) {
    return fmt::format("(SELECT rowid FROM {0} LIMIT 1 OFFSET {1} % max(1, (SELECT count(*) FROM {0})))", source,
                       in.byte());
  };
  const std::string here = row(table.name);
  switch (kind) {
  case 0:
    return fmt::format("DELETE FROM {} WHERE rowid = {}", table.name, here);
  case 1: // the value of another row
    return fmt::format("UPDATE OR REPLACE {0} SET {1} = (SELECT {1} FROM {0} WHERE rowid = {2}) WHERE rowid = {3}",
                       table.name, column, row(table.name), here);
  case 2: // the value as it was before
    return fmt::format("UPDATE OR REPLACE {0} SET {1} = (SELECT {1} FROM older.{0} AS o WHERE o.rowid = {0}.rowid) "
                       "WHERE rowid = {2}",
                       table.name, column, here);
  case 3: // the row as it was before
    return fmt::format("INSERT OR REPLACE INTO main.{0} SELECT * FROM older.{0} WHERE rowid = {1}", table.name,
                       row("older." + table.name));
  case 4: // the row once more, with another number
    return fmt::format("DROP TABLE IF EXISTS temp.t; CREATE TEMP TABLE t AS SELECT * FROM main.{0} WHERE rowid = {1}; "
                       "UPDATE t SET {2} = {3}; INSERT OR REPLACE INTO main.{0} SELECT * FROM t",
                       table.name, here, column, in.byte());
  case 5:
    return fmt::format("UPDATE OR REPLACE {} SET {} = {} WHERE rowid = {}", table.name, column,
                       static_cast<std::int8_t>(in.byte()), here);
  default: {
    std::string hex;
    for (const char c : in.bytes(in.byte() % 64)) {
      hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return fmt::format("UPDATE OR REPLACE {} SET {} = {}x'{}' WHERE rowid = {}", table.name, column,
                       in.byte() % 2 == 0 ? "" : column + " || ", hex, here);
  }
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scene scene;
  static const std::vector<Table> tables = tables_of(scene);
  fuzz::Input in(data, size);
  scene.put(scene.whole);
  {
    Connection connection(scene.location.store.string());
    connection.exec("ATTACH '" + scene.older.store.string() + "' AS older");
    connection.exec("BEGIN");
    while (!in.empty()) {
      connection.exec(statement(in, tables));
    }
    connection.exec("COMMIT");
  }
  scene.check();
  return 0;
}
