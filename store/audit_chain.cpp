#include "store/audit_chain.hpp"

#include "core/error.hpp"
#include "store/codec.hpp"
#include "store/record_codec.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

Parts additional_data(const StorePlace& place, std::uint64_t seq) {
  Parts parts;
  parts.text("caplet/event/v1").bytes(place.store).number(seq).number(place.epoch).number(place.format);
  return parts;
}

Digest digest_from(ByteView bytes) {
  Digest digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

/// The row that a query on `SELECT seq, epoch, sealed, link` stands at.
StoredEvent row_of(Database::Query& query) {
  const ByteView sealed = query.blob(2);
  return {static_cast<std::uint64_t>(query.number(0)), static_cast<std::uint64_t>(query.number(1)),
          Bytes(sealed.begin(), sealed.end()), digest_from(query.blob(3))};
}

/// The event in a row, and whether it is linked to the one before; nothing where it is not authentic.
struct Read {
  Event event;
  bool linked = false;
};

std::optional<Read> read_event(const StoredEvent& row, const StoreKeys& keys, const StorePlace& place,
                               const Digest& before) {
  const auto content = open_event(keys, place, row);
  if (!content) {
    return std::nullopt;
  }
  Read read{decode_event(*content), link_of(place.store, row.seq, before, *content) == row.link};
  read.event.seq = row.seq;
  read.event.link = row.link;
  return read;
}

} // namespace

void append_event(Database& database, const StoreKeys& keys, const StorePlace& place, State& state,
                  const Event& event) {
  std::array<unsigned char, k_event_salt_size + k_nonce_size> drawn{};
  randombytes_buf(drawn.data(), drawn.size()); // in one call: of many events, those to the kernel would cost the most
  FieldWriter content(FieldWriter::k_no_secret);
  encode(content, event, ByteView(drawn).first(k_event_salt_size));
  const std::uint64_t seq = state.events + 1;
  const Bytes sealed = seal_with_nonce(keys.record(), additional_data(place, seq).view(), content.view(),
                                       ByteView(drawn).last(k_nonce_size));
  const Digest link = link_of(place.store, seq, state.audit_head, content.view());
  Database::Query& query = database.kept("INSERT INTO event(seq, epoch, sealed, link) VALUES(?1, ?2, ?3, ?4)");
  const ScopedReset reset(query);
  query.bind(1, static_cast<std::int64_t>(seq)).bind(2, static_cast<std::int64_t>(place.epoch));
  query.bind_in_place(3, sealed).bind_in_place(4, link).run();
  state.events = seq;
  state.audit_head = link;
}

std::optional<Digest> read_link(Database& database, std::uint64_t seq) {
  if (seq == 0) {
    return Digest{};
  }
  Database::Query query(database, "SELECT link FROM event WHERE seq = ?1");
  query.bind(1, static_cast<std::int64_t>(seq));
  return query.step() ? std::optional(digest_from(query.blob(0))) : std::nullopt;
}

std::optional<Digest> prove_link(Database& database, const StoreKeys& keys, const StorePlace& place,
                                 std::uint64_t seq) {
  if (seq == 0) {
    return Digest{};
  }
  const auto before = read_link(database, seq - 1);
  const auto rows = read_stored_events(database, seq - 1, 1);
  if (!before || rows.empty() || rows.front().seq != seq) {
    return std::nullopt;
  }
  const auto content = open_event(keys, place, rows.front());
  const Digest link = content ? link_of(place.store, seq, *before, *content) : Digest{};
  return content && link == rows.front().link ? std::optional(link) : std::nullopt;
}

std::vector<Event> read_events(Database& database, const StoreKeys& keys, const StorePlace& place, std::uint64_t after,
                               Digest before, std::size_t limit) {
  Database::Query query(database, "SELECT seq, epoch, sealed, link FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  query.bind(1, static_cast<std::int64_t>(after)).bind(2, static_cast<std::int64_t>(limit));
  std::vector<Event> events;
  while (query.step()) {
    auto read = read_event(row_of(query), keys, place, before);
    if (!read || !read->linked || read->event.seq != after + 1) {
      throw Error(Errc::damaged,
                  fmt::format("event {} of the audit log is missing, damaged or was tampered with", after + 1),
                  "see all that is wrong: caplet store check");
    }
    after = read->event.seq;
    before = read->event.link;
    events.push_back(std::move(read->event));
  }
  return events;
}

void check_events(Database& database, const StoreKeys& keys, const StorePlace& place, const State& state,
                  CheckReport& report, Steps& steps) {
  const auto problem = [&](std::uint64_t seq, std::string what) {
    report.problems.push_back({fmt::format("event {}", seq), std::move(what)});
  };
  Database::Query query(database, "SELECT seq, epoch, sealed, link FROM event ORDER BY seq");
  std::uint64_t expected = 1;
  Digest head{};
  while (query.step()) {
    const StoredEvent row = row_of(query);
    if (row.seq != expected) {
      problem(expected,
              row.seq > expected ? fmt::format("missing: the next one is {}", row.seq) : "numbered out of order");
    }
    try {
      const auto read = read_event(row, keys, place, head);
      if (!read) {
        problem(row.seq, "damaged or tampered with");
      } else if (!read->linked) {
        problem(row.seq, "not linked to the one before");
      }
    } catch (const Error& e) {
      problem(row.seq, e.what());
    }
    head = row.link; // on with the link as it stands there, so that one bad event is not a hundred
    expected = row.seq + 1;
    ++report.events;
    steps.step();
  }
  if (expected != state.events + 1 || head != state.audit_head) {
    problem(expected, fmt::format("the log ends here, and the store remembers {} events", state.events));
  }
}

std::vector<StoredEvent> read_stored_events(Database& database, std::uint64_t after, std::size_t limit) {
  Database::Query query(database, "SELECT seq, epoch, sealed, link FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  query.bind(1, static_cast<std::int64_t>(after)).bind(2, static_cast<std::int64_t>(limit));
  std::vector<StoredEvent> rows;
  while (query.step()) {
    rows.push_back(row_of(query));
  }
  return rows;
}

std::optional<Bytes> open_event(const StoreKeys& keys, const StorePlace& place, const StoredEvent& event) {
  Bytes content;
  if (event.epoch != place.epoch ||
      !unseal(keys.record(), additional_data(place, event.seq).view(), event.sealed, content)) {
    return std::nullopt;
  }
  return content;
}

void rewrite_event(Database::Query& update, const StoreKeys& keys, const StorePlace& place, std::uint64_t seq,
                   ByteView content, const Digest& link) {
  const Bytes sealed = seal(keys.record(), additional_data(place, seq).view(), content);
  update.bind(1, static_cast<std::int64_t>(seq)).bind(2, static_cast<std::int64_t>(place.epoch));
  update.bind(3, ByteView(sealed)).bind(4, ByteView(link)).run();
}

void reseal_events(Database& database, const EventSeal& from, const EventSeal& to, const State& state, Steps& steps) {
  constexpr std::size_t k_batch = 512;
  Database::Query update(database, k_rewrite_event);
  Digest head{};
  std::uint64_t last = 0;
  std::vector<StoredEvent> rows;
  do {
    rows = read_stored_events(database, last, k_batch);
    for (const StoredEvent& row : rows) {
      const auto content = open_event(from.keys, from.place, row);
      if (!content || row.seq != last + 1 || link_of(to.place.store, row.seq, head, *content) != row.link) {
        throw Error(Errc::damaged, fmt::format("event {} of the audit log is damaged or was tampered with", last + 1),
                    "see all that is wrong: caplet store check");
      }
      rewrite_event(update, to.keys, to.place, row.seq, *content, row.link);
      head = row.link;
      last = row.seq;
      steps.step();
    }
  } while (rows.size() == k_batch);
  if (last != state.events || head != state.audit_head) {
    throw Error(Errc::damaged, "events were cut off the audit log", "see all that is wrong: caplet store check");
  }
}

} // namespace caplet
