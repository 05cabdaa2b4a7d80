#pragma once

#include "core/bytes.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <string_view>

namespace caplet {

#define CAPLET_RECORD_BUT_ID "seq, kind, revision, epoch, name_index, sealed"
#define CAPLET_RECORD_COLUMNS CAPLET_RECORD_BUT_ID ", id"

/// The row that a query on CAPLET_RECORD_COLUMNS stands at, looked at once. Valid as long as the query stands there.
struct RecordRow {
  explicit RecordRow(Database::Query& query) : RecordRow(query, query.text(6)) {}
  /// Of a query on CAPLET_RECORD_BUT_ID, whose row must be the one of this id to be authentic.
  RecordRow(Database::Query& query, std::string_view asked)
      : seq(query.number(0)), kind(query.number(1)), id(asked), revision(query.number(2)), epoch(query.number(3)),
        name(query.blob(4)), sealed(query.blob(5)) {}

  std::int64_t seq;
  std::int64_t kind;
  std::string_view id;
  std::int64_t revision;
  std::int64_t epoch;
  ByteView name; ///< empty: none
  ByteView sealed;
};

} // namespace caplet
