#include "store/schema.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace caplet {
namespace {

/// In the order of sqlite_schema. SQLite keeps the text of each statement as it was given, which is what is compared.
struct Definition {
  std::string_view name;
  std::string_view sql;
};

constexpr std::array k_definitions{
    Definition{"store", "CREATE TABLE store(one INTEGER PRIMARY KEY CHECK(one = 1), id BLOB NOT NULL, "
                        "epoch INTEGER NOT NULL, state BLOB NOT NULL) STRICT"},
    Definition{"slot", "CREATE TABLE slot(number INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL, "
                       "params BLOB NOT NULL, commitment BLOB NOT NULL, wrapped BLOB NOT NULL) STRICT"},
    Definition{"record", "CREATE TABLE record(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, "
                         "revision INTEGER NOT NULL, epoch INTEGER NOT NULL, name_index BLOB, "
                         "sealed BLOB NOT NULL) STRICT"},
    Definition{"record_id", "CREATE UNIQUE INDEX record_id ON record(id)"},
    Definition{"record_name", "CREATE UNIQUE INDEX record_name ON record(name_index) WHERE name_index IS NOT NULL"},
    Definition{"event", "CREATE TABLE event(seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, "
                        "sealed BLOB NOT NULL, link BLOB NOT NULL) STRICT"},
};

} // namespace

void create_schema(Database& database) {
  for (const Definition& definition : k_definitions) {
    database.exec(std::string(definition.sql));
  }
  database.exec(fmt::format("PRAGMA application_id = {}", k_application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", k_schema_version));
}

void check_schema(Database& database) {
  Database::Query query(database, "SELECT name, sql FROM sqlite_schema");
  for (const Definition& definition : k_definitions) {
    if (!query.step() || query.text(0) != definition.name || query.text(1) != definition.sql) {
      throw Error(Errc::damaged,
                  fmt::format("the store's schema was changed: \"{}\" is not as caplet makes it", definition.name),
                  "restore the store from a backup");
    }
  }
  if (query.step()) {
    throw Error(Errc::damaged, fmt::format("the store's schema was changed: \"{}\" was added", escape(query.text(0))),
                "restore the store from a backup");
  }
}

} // namespace caplet
