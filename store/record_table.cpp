#include "store/record_table.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/function_codec.hpp"
#include "store/inventory.hpp"
#include "store/record_codec.hpp"
#include "store/record_row.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace caplet {

namespace {

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

/// Puts a record into the tallies of a state, or takes it out.
void toggle_record(const StoreKeys& keys, State& state, RecordKind kind, std::string_view id, std::int64_t revision,
                   ByteView tag) {
  const Digest part = tally_of(keys, static_cast<std::uint64_t>(kind), id, static_cast<std::uint64_t>(revision), tag);
  toggle(state.tally, part);
  if (kind == RecordKind::function_body) {
    toggle(state.bodies, part);
  }
}

/// Not copied: it stays as it is until the query is reset.
void bind_name(Database::Query& query, int index, const std::optional<NameIndex>& name) {
  if (name) {
    query.bind_in_place(index, ByteView(*name));
  } else {
    query.bind_null(index);
  }
}

} // namespace

NameIndex name_index(const StoreKeys& keys, RecordKind kind, std::string_view account, std::string_view name) {
  Parts parts;
  parts.text("caplet/name/v1").number(static_cast<std::uint64_t>(kind)).text(account).text(name_key(name));
  NameIndex index{};
  crypto_generichash(index.data(), index.size(), parts.view().data(), parts.view().size(), keys.index().data(),
                     keys.index().size());
  return index;
}

std::optional<NameIndex> name_index(const StoreKeys& keys, const Token& token) {
  return token.revoked_at ? std::nullopt
                          : std::optional(name_index(keys, RecordKind::token, token.account, token.name));
}

namespace {

/// The index that a record of this content stands under.
std::optional<NameIndex> name_index(const StoreKeys& keys, const Record& record, ByteView content) {
  switch (record.kind) {
  case RecordKind::token:
    return name_index(keys, decode_token(record.id, content));
  case RecordKind::function: {
    const Function function = decode_function(record.id, content);
    return name_index(keys, record.kind, function.account, function.name);
  }
  case RecordKind::credential:
    return name_index(keys, record.kind, {}, decode_credential(record.id, content).profile);
  default:
    return std::nullopt;
  }
}

} // namespace

RecordTable::RecordTable(Database& database, const StoreKeys& keys, const StorePlace& place)
    : m_keys(keys), m_place(place), m_find(database, "SELECT " CAPLET_RECORD_BUT_ID " FROM record WHERE id = ?1"),
      m_database(database) {}

Record RecordTable::read(Database::Query& query) { return read(RecordRow(query)); }

Record RecordTable::read(const RecordRow& row) {
  m_id = row.id;
  Record record;
  record.seq = row.seq;
  record.kind = static_cast<RecordKind>(row.kind);
  record.id = m_id;
  record.revision = row.revision;
  build_additional_data(m_additional, m_place, record.seq, record.kind, record.id, record.revision, row.name);
  const bool authentic = row.kind >= 0 && row.kind <= UINT8_MAX &&
                         row.epoch == static_cast<std::int64_t>(m_place.epoch) &&
                         unseal(m_keys.record(), m_additional.view(), row.sealed, m_content);
  if (!authentic) {
    throw Error(Errc::damaged, fmt::format("record {} of the store is damaged or was tampered with", record.seq),
                "restore the store from a backup");
  }
  const ByteView tag = tag_of(row.sealed);
  m_tag.assign(tag.begin(), tag.end());
  record.content = m_content;
  record.tag = m_tag;
  return record;
}

void RecordTable::unseal_dummy() {
  if (m_dummy.empty()) {
    constexpr std::size_t k_usual_content = 140;
    seal(m_keys.record(), {}, Bytes(k_usual_content), m_dummy);
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
  return of_kind(read(RecordRow(m_find, m_id)), kind);
}

std::optional<Record> RecordTable::find_named(const NameIndex& name, RecordKind kind) {
  Database::Query& query = m_database.kept("SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE name_index = ?1");
  const ScopedReset reset(query);
  query.bind(1, ByteView(name));
  if (!query.step()) {
    return std::nullopt;
  }
  return of_kind(read(query), kind);
}

void RecordTable::each_with_prefix(std::string_view prefix, RecordKind kind, std::size_t limit,
                                   const std::function<void(const Record&)>& visit) {
  // `{` is the first byte behind every base62 digit, so that the range is one stretch of the index.
  Database::Query query(m_database,
                        "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id");
  query.bind(1, prefix).bind(2, std::string(prefix) + '{');
  for (std::size_t found = 0; found < limit && query.step();) {
    if (const Record record = read(query); record.kind == kind) {
      visit(record);
      ++found;
    }
  }
}

std::size_t RecordTable::each_after(std::int64_t& after, RecordKind kind, std::size_t limit,
                                    const std::function<void(const Record&)>& visit) {
  // To pass over a row is what an attacker reaches who deletes it: the tally knows of both.
  Database::Query& query = m_database.kept("SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE seq > ?1 AND "
                                           "(kind <> ?3 OR ?3 = ?4) ORDER BY seq LIMIT ?2");
  const ScopedReset reset(query);
  query.bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  query.bind(3, static_cast<std::int64_t>(RecordKind::function_body)).bind(4, static_cast<std::int64_t>(kind));
  std::size_t rows = 0;
  for (; query.step(); ++rows) {
    const Record record = read(query);
    after = record.seq;
    if (record.kind == kind) {
      visit(record);
    }
  }
  return rows;
}

void RecordTable::seal_row(std::int64_t seq, RecordKind kind, std::string_view id, std::int64_t revision,
                           const std::optional<NameIndex>& name, ByteView content) {
  build_additional_data(m_additional, m_place, seq, kind, id, revision, bytes_of(name));
  seal(m_keys.record(), m_additional.view(), content, m_sealed);
}

void RecordTable::insert(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
                         ByteView content) {
  constexpr std::int64_t k_first_revision = 1;
  const auto seq = static_cast<std::int64_t>(state.last_seq + 1);
  seal_row(seq, kind, id, k_first_revision, name, content);
  Database::Query& query =
      m_database.kept("INSERT INTO record(" CAPLET_RECORD_COLUMNS ") VALUES(?1, ?2, ?4, ?5, ?6, ?7, ?3) "
                      "ON CONFLICT(id) DO NOTHING ON CONFLICT(name_index) WHERE name_index IS NOT NULL DO NOTHING");
  const ScopedReset reset(query);
  m_id = id;
  query.bind(1, seq).bind(2, static_cast<std::int64_t>(kind)).bind_in_place(3, m_id).bind(4, k_first_revision);
  query.bind(5, static_cast<std::int64_t>(m_place.epoch));
  bind_name(query, 6, name);
  if (query.bind_in_place(7, m_sealed).run() == 0) {
    throw Error(Errc::exists, "a token of this id or name exists already", "choose another name");
  }
  state.last_seq = static_cast<std::uint64_t>(seq);
  state.records += 1;
  toggle_record(m_keys, state, kind, id, k_first_revision, tag_of(m_sealed));
}

void RecordTable::update(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
                         ByteView content) {
  const auto old = find(id, kind);
  if (!old) {
    throw Error(Errc::not_found, fmt::format("no record {}", id));
  }
  const std::int64_t revision = old->revision + 1;
  toggle_record(m_keys, state, kind, id, old->revision, old->tag);
  seal_row(old->seq, kind, id, revision, name, content);
  Database::Query& query =
      m_database.kept("UPDATE record SET revision = ?2, epoch = ?3, name_index = ?4, sealed = ?5 WHERE seq = ?1");
  const ScopedReset reset(query);
  query.bind(1, old->seq).bind(2, revision).bind(3, static_cast<std::int64_t>(m_place.epoch));
  bind_name(query, 4, name);
  query.bind_in_place(5, m_sealed).run();
  toggle_record(m_keys, state, kind, id, revision, tag_of(m_sealed));
}

void RecordTable::remove(State& state, RecordKind kind, std::string_view id) {
  const auto old = find(id, kind);
  if (!old) {
    throw Error(Errc::not_found, fmt::format("no record {}", id));
  }
  toggle_record(m_keys, state, kind, id, old->revision, old->tag);
  state.records -= 1;
  Database::Query query(m_database, "DELETE FROM record WHERE seq = ?1");
  query.bind(1, old->seq).run();
}

void RecordTable::reseal(RecordTable& to, State& state, const Rewrite& rewrite, Steps& steps) {
  constexpr std::size_t k_batch = 512;
  constexpr std::size_t k_batch_bytes = std::size_t{16} << 20U; // bodies of functions are large
  struct Resealed {
    std::int64_t seq;
    RecordKind kind;
    std::string id;
    std::int64_t revision;
    std::optional<NameIndex> name;
    Bytes sealed;
  };
  Database::Query update(m_database, "UPDATE record SET epoch = ?2, name_index = ?3, sealed = ?4 WHERE seq = ?1");
  State before;
  State after;
  std::uint64_t count = 0;
  std::int64_t last = 0;
  std::vector<Resealed> rows;
  do {
    rows.clear();
    {
      Database::Query query(m_database,
                            "SELECT " CAPLET_RECORD_COLUMNS " FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
      query.bind(1, last).bind(2, static_cast<std::int64_t>(k_batch));
      for (std::size_t bytes = 0; bytes < k_batch_bytes && query.step();) {
        const Record record = read(query);
        toggle_record(m_keys, before, record.kind, record.id, record.revision, record.tag);
        FieldWriter changed;
        if (rewrite) {
          rewrite(record, changed);
        }
        const ByteView content = changed.view().empty() ? record.content : changed.view();
        Resealed row{record.seq, record.kind, m_id, record.revision, name_index(to.m_keys, record, content), {}};
        to.seal_row(row.seq, row.kind, row.id, row.revision, row.name, content);
        row.sealed = to.m_sealed;
        toggle_record(to.m_keys, after, record.kind, record.id, record.revision, tag_of(row.sealed));
        bytes += row.sealed.size();
        rows.push_back(std::move(row));
      }
    }
    for (const Resealed& row : rows) {
      update.bind(1, row.seq).bind(2, static_cast<std::int64_t>(to.m_place.epoch));
      bind_name(update, 3, row.name);
      update.bind(4, ByteView(row.sealed)).run();
      last = row.seq;
      ++count;
      steps.step();
    }
  } while (!rows.empty());
  if (count != state.records || before.tally != state.tally) {
    throw Error(Errc::damaged, "records of the store were deleted, added or put back to an older version",
                "see what is wrong: caplet store check; then restore the store from a backup");
  }
  state.tally = after.tally;
  state.bodies = after.bodies;
}

void RecordTable::check(const State& state, CheckReport& report, Steps& steps,
                        const std::function<void(const Record&)>& visit) {
  Database::Query query(m_database, "SELECT " CAPLET_RECORD_COLUMNS " FROM record ORDER BY seq");
  Inventory inventory(m_keys);
  while (query.step()) {
    const RecordRow row(query);
    inventory.add(row);
    try {
      visit(read(row));
      ++report.records;
    } catch (const Error& e) {
      if (e.code() != Errc::damaged) {
        throw;
      }
      report.problems.push_back({fmt::format("record {}", row.seq), "damaged or tampered with"});
    }
    steps.step();
  }
  if (!inventory.fits(m_database, state)) {
    report.problems.push_back(
        {"records", fmt::format("deleted, added or put back to an older version: the store remembers {} records in "
                                "another state",
                                state.records)});
  }
}

bool RecordTable::matches(const State& state) {
  constexpr auto k_body = static_cast<std::int64_t>(RecordKind::function_body);
  const auto fits = [&](Database::Query query, Inventory::Bodies bodies) {
    Inventory inventory(m_keys, bodies);
    while (query.step()) {
      inventory.add(RecordRow(query));
    }
    return inventory.fits(m_database, state);
  };
  // A row that is said to be a body, and is none, is missing in the sum of the others.
  Database::Query without(m_database, "SELECT seq, kind, revision, epoch, name_index, "
                                      "CASE WHEN kind <> ?1 THEN sealed END, id FROM record");
  without.bind(1, k_body);
  // A store that kept functions before it kept a sum of their bodies is read in full.
  return fits(std::move(without), Inventory::Bodies::unread) ||
         fits(Database::Query(m_database, "SELECT " CAPLET_RECORD_COLUMNS " FROM record"), Inventory::Bodies::read);
}

} // namespace caplet
