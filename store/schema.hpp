#pragma once

#include "store/database.hpp"

#include <cstdint>

namespace caplet {

/// "CPLT": `PRAGMA application_id` of every store, so that file(1) and caplet know one.
inline constexpr std::int32_t k_application_id = 0x43504C54;
/// `PRAGMA user_version`. A new one comes with a migration and a page in FORMAT.md.
inline constexpr std::int32_t k_schema_version = 3;

/// Makes the tables in an empty database.
void create_schema(Database& database);

/// Compares the text of the schema with the one of this version: a table, index, trigger or view more, less or other
/// than that is refused. Throws Error{damaged}.
void check_schema(Database& database);

} // namespace caplet
