#include "store/record_table.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/record_codec.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace caplet {
namespace {

#define CAPLET_RECORD_COLUMNS "seq, kind, id, revision, epoch, name_index, sealed"

ByteView bytes_of(const std::optional<NameIndex>& name) { return name ? ByteView(*name) : ByteView(); }

void build_additional_data(Parts& out, const StorePlace& place, std::int64_t seq, RecordKind kind, std::string_view id,
                           std::int64_t revision, ByteView name) {
  out.clear();
  out.text("caplet/record/v1")
      .bytes(place.store)
      .number(static_cast<std::uint64_t>(kind))
      .text(id)
      .number(static_cast<std::uint64_t>(seq))
      .number(static_cast<std::uint64_t>(revision))
      .number(place.epoch)
      .bytes(name)
      .number(place.format);
}

/// An id that belongs to something else is not there; that it does was authenticated.
std::optional<Record> of_kind(const Record& record, RecordKind kind) {
  return record.kind == kind ? std::optional(record) : std::nullopt;
}

void bind_name(Database::Query& query, int index, const std::optional<NameIndex>& name) {
  if (name) {
    query.bind(index, ByteView(*name));
  } else {
    query.bind_null(index);
  }
}

} // namespace

NameIndex name_index(const StoreKeys& keys, std::string_view account, std::string_view name) {
  Parts parts;
  parts.text("caplet/name/v1").number(static_cast<std::uint64_t>(RecordKind::token)).text(account).text(name_key(name));
  NameIndex index{};
  crypto_generichash(index.data(), index.size(), parts.view().data(), parts.view().size(), keys.index().data(),
                     keys.index().size());
  return index;
}

std::optional<NameIndex> name_index(const StoreKeys& keys, const Token& token) {
  return token.revoked_at ? std::nullopt : std::optional(name_index(keys, token.account, token.name));
}

RecordTable::RecordTable(Database& database, const StoreKeys& keys, const StorePlace& place)
    : m_keys(keys), m_place(place), m_find(database, "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE id = ?1"),
      m_find_named(database, "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE name_index = ?1"),
      m_database(database) {}

/// The row that `query` stands at; m_id is its id already.
Record RecordTable::read(Database::Query& query) {
  Record record;
  record.seq = query.number(0);
  record.kind = static_cast<RecordKind>(query.number(1));
  record.id = m_id;
  record.revision = query.number(3);
  const ByteView sealed = query.blob(6);
  build_additional_data(m_additional, m_place, record.seq, record.kind, record.id, record.revision, query.blob(5));
  const bool authentic = query.number(1) >= 0 && query.number(1) <= UINT8_MAX &&
                         query.number(4) == static_cast<std::int64_t>(m_place.epoch) &&
                         unseal(m_keys.record(), m_additional.view(), sealed, m_content);
  if (!authentic) {
    throw Error(Errc::damaged, fmt::format("record {} of the store is damaged or was tampered with", record.seq),
                "restore the store from a backup");
  }
  const ByteView tag = tag_of(sealed);
  m_tag.assign(tag.begin(), tag.end());
  record.content = m_content;
  record.tag = m_tag;
  return record;
}

void RecordTable::unseal_dummy() {
  if (m_dummy.empty()) {
    constexpr std::size_t k_usual_content = 140;
    m_dummy = seal(m_keys.record(), {}, Bytes(k_usual_content));
  }
  m_content.clear();
  if (!unseal(m_keys.record(), {}, m_dummy, m_content)) {
    throw_malformed_record();
  }
}

std::optional<Record> RecordTable::find(std::string_view id, RecordKind kind) {
  const ScopedReset reset(m_find);
  m_id = id;
  m_find.bind_in_place(1, m_id);
  if (!m_find.step()) {
    unseal_dummy();
    return std::nullopt;
  }
  return of_kind(read(m_find), kind);
}

std::optional<Record> RecordTable::find_named(const NameIndex& name, RecordKind kind) {
  const ScopedReset reset(m_find_named);
  m_find_named.bind(1, ByteView(name));
  if (!m_find_named.step()) {
    return std::nullopt;
  }
  m_id = m_find_named.text(2);
  return of_kind(read(m_find_named), kind);
}

void RecordTable::each_with_prefix(std::string_view prefix, RecordKind kind, std::size_t limit,
                                   const std::function<void(const Record&)>& visit) {
  // `{` is the first byte behind every base62 digit, so that the range is one stretch of the index.
  Database::Query query(m_database,
                        "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id");
  query.bind(1, prefix).bind(2, std::string(prefix) + '{');
  for (std::size_t found = 0; found < limit && query.step();) {
    m_id = query.text(2);
    if (const Record record = read(query); record.kind == kind) {
      visit(record);
      ++found;
    }
  }
}

std::size_t RecordTable::each_after(std::int64_t& after, RecordKind kind, std::size_t limit,
                                    const std::function<void(const Record&)>& visit) {
  Database::Query query(m_database,
                        "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  query.bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  std::size_t rows = 0;
  for (; query.step(); ++rows) {
    m_id = query.text(2);
    const Record record = read(query);
    after = record.seq;
    if (record.kind == kind) {
      visit(record);
    }
  }
  return rows;
}

Bytes RecordTable::seal_row(std::int64_t seq, RecordKind kind, std::string_view id, std::int64_t revision,
                            const std::optional<NameIndex>& name, ByteView content) {
  build_additional_data(m_additional, m_place, seq, kind, id, revision, bytes_of(name));
  return seal(m_keys.record(), m_additional.view(), content);
}

void RecordTable::insert(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
                         ByteView content) {
  constexpr std::int64_t k_first_revision = 1;
  const auto seq = static_cast<std::int64_t>(state.last_seq + 1);
  const Bytes sealed = seal_row(seq, kind, id, k_first_revision, name, content);
  Database::Query query(m_database, "INSERT INTO record(" CAPLET_RECORD_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  query.bind(1, seq).bind(2, static_cast<std::int64_t>(kind)).bind(3, id).bind(4, k_first_revision);
  query.bind(5, static_cast<std::int64_t>(m_place.epoch));
  bind_name(query, 6, name);
  query.bind(7, ByteView(sealed)).run();
  state.last_seq = static_cast<std::uint64_t>(seq);
  state.records += 1;
  toggle(state.tally, tally_of(m_keys, static_cast<std::uint64_t>(kind), id, k_first_revision, tag_of(sealed)));
}

void RecordTable::update(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
                         ByteView content) {
  const auto old = find(id, kind);
  if (!old) {
    throw Error(Errc::not_found, fmt::format("no record {}", id));
  }
  const std::int64_t revision = old->revision + 1;
  const auto number = static_cast<std::uint64_t>(kind);
  toggle(state.tally, tally_of(m_keys, number, id, static_cast<std::uint64_t>(old->revision), old->tag));
  const Bytes sealed = seal_row(old->seq, kind, id, revision, name, content);
  Database::Query query(m_database,
                        "UPDATE record SET revision = ?2, epoch = ?3, name_index = ?4, sealed = ?5 WHERE seq = ?1");
  query.bind(1, old->seq).bind(2, revision).bind(3, static_cast<std::int64_t>(m_place.epoch));
  bind_name(query, 4, name);
  query.bind(5, ByteView(sealed)).run();
  toggle(state.tally, tally_of(m_keys, number, id, static_cast<std::uint64_t>(revision), tag_of(sealed)));
}

void RecordTable::reseal(RecordTable& to, State& state, const Rewrite& rewrite, Steps& steps) {
  constexpr std::size_t k_batch = 512;
  struct Row {
    std::int64_t seq;
    RecordKind kind;
    std::string id;
    std::int64_t revision;
    std::optional<NameIndex> name;
    Bytes sealed;
  };
  Database::Query update(m_database, "UPDATE record SET epoch = ?2, name_index = ?3, sealed = ?4 WHERE seq = ?1");
  Digest before{};
  Digest after{};
  std::uint64_t count = 0;
  std::int64_t last = 0;
  std::vector<Row> rows;
  do {
    rows.clear();
    {
      Database::Query query(m_database,
                            "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
      query.bind(1, last).bind(2, static_cast<std::int64_t>(k_batch));
      while (query.step()) {
        m_id = query.text(2);
        const Record record = read(query);
        const auto number = static_cast<std::uint64_t>(record.kind);
        const auto revision = static_cast<std::uint64_t>(record.revision);
        toggle(before, tally_of(m_keys, number, record.id, revision, record.tag));
        FieldWriter changed;
        if (rewrite) {
          rewrite(record, changed);
        }
        const ByteView content = changed.view().empty() ? record.content : changed.view();
        Row row{record.seq, record.kind, m_id, record.revision, std::nullopt, {}};
        if (record.kind == RecordKind::token) {
          row.name = name_index(to.m_keys, decode_token(record.id, content));
        }
        row.sealed = to.seal_row(row.seq, row.kind, row.id, row.revision, row.name, content);
        toggle(after, tally_of(to.m_keys, number, record.id, revision, tag_of(row.sealed)));
        rows.push_back(std::move(row));
      }
    }
    for (const Row& row : rows) {
      update.bind(1, row.seq).bind(2, static_cast<std::int64_t>(to.m_place.epoch));
      bind_name(update, 3, row.name);
      update.bind(4, ByteView(row.sealed)).run();
      last = row.seq;
      ++count;
      steps.step();
    }
  } while (rows.size() == k_batch);
  if (count != state.records || before != state.tally) {
    throw Error(Errc::damaged, "records of the store were deleted, added or put back to an older version",
                "see what is wrong: caplet store check; then restore the store from a backup");
  }
  state.tally = after;
}

void RecordTable::check(const State& state, CheckReport& report, Steps& steps,
                        const std::function<void(const Record&)>& visit) {
  {
    Database::Query query(m_database, "SELECT " CAPLET_RECORD_COLUMNS " FROM record ORDER BY seq");
    while (query.step()) {
      const std::string place = fmt::format("record {}", query.number(0));
      try {
        m_id = query.text(2);
        visit(read(query));
        ++report.records;
      } catch (const Error& e) {
        if (e.code() != Errc::damaged) {
          throw;
        }
        report.problems.push_back({place, "damaged or tampered with"});
      }
      steps.step();
    }
  }
  if (!matches(state)) {
    report.problems.push_back(
        {"records", fmt::format("deleted, added or put back to an older version: the store remembers {} records in "
                                "another state",
                                state.records)});
  }
}

bool RecordTable::matches(const State& state) {
  // The indexes are what records are found by. Their text in the schema is checked; this is for what is in them.
  Database::Query integrity(m_database, "PRAGMA integrity_check(record)");
  if (!integrity.step() || integrity.text(0) != "ok") {
    return false;
  }
  Database::Query query(m_database, "SELECT kind, id, revision, sealed FROM record");
  Digest tally{};
  std::uint64_t count = 0;
  while (query.step()) {
    toggle(tally, tally_of(m_keys, static_cast<std::uint64_t>(query.number(0)), query.text(1),
                           static_cast<std::uint64_t>(query.number(2)), tag_of(query.blob(3))));
    ++count;
  }
  return count == state.records && tally == state.tally;
}

} // namespace caplet
