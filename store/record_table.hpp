#pragma once

#include "core/store.hpp"
#include "store/codec.hpp"
#include "store/database.hpp"
#include "store/state.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// The kinds of sealed record. The numbers are on disk.
enum class RecordKind : std::uint8_t {
  settings = 1,
  keyring = 2,
  account = 3,
  token = 4,
  denials = 5,
  policy = 6,
  signing_key = 7,
  function = 8,
  function_body = 9,
  credential = 10,
  signing = 11
};

/// A record as read and authenticated. `content` is valid until the next call on the table.
struct Record {
  std::int64_t seq = 0;
  RecordKind kind = RecordKind::token;
  std::string_view id;
  std::int64_t revision = 0;
  ByteView content;
  ByteView tag;
};

using NameIndex = std::array<unsigned char, 16>;

/// The blind index of a name among the records of a kind: keyed BLAKE2b-128.
NameIndex name_index(const StoreKeys& keys, RecordKind kind, std::string_view account, std::string_view name);
/// Of a token's name; nothing for a tombstone, whose name is free.
std::optional<NameIndex> name_index(const StoreKeys& keys, const Token& token);

struct RecordRow;

/// The table `record`: seals what is written, authenticates what is read, and keeps the tally of a state in step. It
/// knows nothing of what records mean, and takes no locks. All functions throw Error{damaged} for a row that is not as
/// it was written.
class RecordTable {
public:
  RecordTable(Database& database, const StoreKeys& keys, const StorePlace& place);

  std::optional<Record> find(std::string_view id, RecordKind kind);
  std::optional<Record> find_named(const NameIndex& name, RecordKind kind);

  /// Up to `limit` records whose id starts with `prefix`, in order of id.
  void each_with_prefix(std::string_view prefix, RecordKind kind, std::size_t limit,
                        const std::function<void(const Record&)>& visit);
  /// Looks at up to `limit` records behind record number `after`, in order, moves it on, and visits those of a kind.
  /// How many it looked at. The bodies of functions are large: they are passed over unread, unless they are asked for.
  /// REQUIRES: `visit` does not list in its turn.
  std::size_t each_after(std::int64_t& after, RecordKind kind, std::size_t limit,
                         const std::function<void(const Record&)>& visit);

  /// Writes a new record. `name` is left out for a record without one. Throws Error{exists} where its id or its name is
  /// taken, and then nothing was changed.
  void insert(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
              ByteView content);
  /// Writes a new revision of the record with this id. Throws Error{not_found}.
  void update(State& state, RecordKind kind, std::string_view id, const std::optional<NameIndex>& name,
              ByteView content);

  /// Drops a record for good. Throws Error{not_found}.
  void remove(State& state, RecordKind kind, std::string_view id);

  /// Seals every record anew, under `to`'s keys and place: what a rekey and a migration do. `state` is what the records
  /// must be before (else Error{damaged}), and fits what they are after. `rewrite` may change a content; empty: as it
  /// is. REQUIRES: in a transaction; `to` is a table of the same database.
  using Rewrite = std::function<void(const Record& record, FieldWriter& content)>;
  void reseal(RecordTable& to, State& state, const Rewrite& rewrite, Steps& steps);

  /// Whether the rows that are there are exactly those that `state` remembers, and the indexes lead to them. Reads them
  /// all, opens none. Of the bodies of functions it looks whether there are so many: what is in them is for those who
  /// read one, and for check().
  bool matches(const State& state);

  /// Reads every record, goes on past what is wrong, and compares them all with `state`. Calls `visit` with each that
  /// is authentic; what it throws (Error{damaged}) is a problem of that record.
  void check(const State& state, CheckReport& report, Steps& steps, const std::function<void(const Record&)>& visit);

  /// Wipes what was read last.
  void forget() noexcept { wipe(m_content); }

private:
  Record read(Database::Query& query);
  Record read(const RecordRow& row);
  /// The work of opening a record, for an id that has none: how long an answer takes does not tell which it was.
  void unseal_dummy();
  /// Into m_sealed.
  void seal_row(std::int64_t seq, RecordKind kind, std::string_view id, std::int64_t revision,
                const std::optional<NameIndex>& name, ByteView content);

  const StoreKeys& m_keys;
  StorePlace m_place;
  Database::Query m_find;

  Parts m_additional;
  Bytes m_content;
  Bytes m_tag;
  Bytes m_dummy;
  Bytes m_sealed;
  std::string m_id;
  Database& m_database;
};

} // namespace caplet
