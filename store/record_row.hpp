#pragma once

#include "core/bytes.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <string_view>

namespace caplet {

#define CAPLET_RECORD_COLUMNS "seq, kind, id, revision, epoch, name_index, sealed"

/// The row that a query on CAPLET_RECORD_COLUMNS stands at, looked at once. Valid as long as the query stands there.
struct RecordRow {
  explicit RecordRow(Database::Query& query)
      : seq(query.number(0)), kind(query.number(1)), id(query.text(2)), revision(query.number(3)),
        epoch(query.number(4)), name(query.blob(5)), sealed(query.blob(6)) {}

  std::int64_t seq;
  std::int64_t kind;
  std::string_view id;
  std::int64_t revision;
  std::int64_t epoch;
  ByteView name; ///< empty: none
  ByteView sealed;
};

} // namespace caplet
