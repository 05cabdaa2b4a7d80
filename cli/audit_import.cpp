#include "cli/audit_import.hpp"

#include "cli/audit_export.hpp"
#include "core/error.hpp"
#include "core/json_fields.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "store/audit_link.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

namespace caplet {
namespace {

constexpr std::size_t k_longest_line = std::size_t{64} * 1024; // an event takes some thousand bytes at most

/// Something in the file is not as it should be: at the line that the reader has come to.
using Fault = BadJson;

void require_spelling(const std::string& line, const std::string& ours) {
  if (line != ours) {
    throw Fault("it is not written the way caplet writes it");
  }
}

Event read_event(JsonFields& fields) {
  Event event;
  event.seq = fields.number("seq");
  const auto time = parse_time(fields.text("time"));
  if (!time) {
    throw Fault("\"time\" is not a time");
  }
  event.time = *time;
  event.action = fields.text("action");
  const std::string kind = fields.text("actor_kind");
  event.actor_kind = kind == to_string(Actor::Kind::token) ? Actor::Kind::token : Actor::Kind::owner;
  event.actor_id = fields.text_or_null("actor_id");
  event.actor_name = fields.text("actor_name");
  const std::uint64_t os_uid = fields.number("os_uid");
  if (os_uid > std::numeric_limits<std::uint32_t>::max()) {
    throw Fault("\"os_uid\" is too large");
  }
  event.os_uid = static_cast<std::uint32_t>(os_uid);
  event.target_id = fields.text_or_null("target_id");
  event.target_name = fields.text_or_null("target_name");
  const std::string outcome = fields.text("outcome");
  event.outcome = outcome == to_string(Event::Outcome::denied) ? Event::Outcome::denied : Event::Outcome::ok;
  event.reason = fields.text_or_null("reason");
  event.repeats = fields.number("repeats");
  event.salt.resize(k_event_salt_size);
  fields.hex("salt", event.salt);
  fields.hex("link", event.link);
  fields.done();
  return event;
}

class Reader {
public:
  Reader(std::istream& in, const std::optional<AuditKey>& key,
         const std::function<void(std::uint64_t, const Digest&)>& visit)
      : m_in(in), m_key(key), m_visit(visit), m_buffer(k_longest_line + 2) {}

  ExportReport read() {
    try {
      read_header();
      while (read_event_or_checkpoint()) {
      }
      if (m_in.peek() != std::istream::traits_type::eof()) {
        ++m_line;
        throw Fault("there is more behind the checkpoint");
      }
    } catch (const Fault& fault) {
      m_report.problem = {fmt::format("line {}", m_line), fault.what()};
    }
    if (m_in.bad()) {
      throw Error(Errc::failed, "the export cannot be read to its end", "check that it is a file that can be read");
    }
    return m_report;
  }

private:
  std::string next_line() {
    ++m_line;
    m_in.getline(m_buffer.data(), static_cast<std::streamsize>(m_buffer.size()));
    const auto taken = static_cast<std::size_t>(m_in.gcount());
    if (m_in.eof()) {
      throw Fault(taken > 0    ? "it has no end: the file was cut off"
                  : m_line > 1 ? "the file ends without a checkpoint: it was cut off"
                               : "the file is empty");
    }
    if (m_in.fail()) {
      throw Fault("it is longer than a line can be");
    }
    return {m_buffer.data(), taken - 1}; // without the newline
  }

  void read_header() {
    const std::string line = next_line();
    JsonFields fields(line);
    if (fields.text("format") != ExportHeader::k_format) {
      throw Fault("this is not an export of an audit log");
    }
    if (fields.number("version") != ExportHeader::k_version) {
      throw Fault("the export is of another version: a newer caplet may read it");
    }
    ExportHeader header;
    const std::string origin = fields.text("origin");
    header.first = fields.number("first");
    fields.hex("link_before", header.link_before);
    header.key = read_key(fields.text("key"));
    fields.done();
    if (origin != header.key.name) {
      throw Fault("the key is another store's");
    }
    if (header.first == 0 || header.first > std::numeric_limits<std::int64_t>::max() ||
        (header.first == 1 && header.link_before != Digest{})) {
      throw Fault("the first event cannot be linked to what is before it");
    }
    require_spelling(line, export_line(header));
    m_report.key = header.key;
    m_report.first = header.first;
    m_link = header.link_before;
    from_hex(std::string_view(origin).substr(origin.find('/') + 1), m_store); // parse_audit_key() has looked at it
    tell();
  }

  AuditKey read_key(const std::string& text) const {
    AuditKey key;
    try {
      key = parse_audit_key(text);
    } catch (const Error& e) {
      throw Fault(e.what());
    }
    if (m_key && key != *m_key) {
      throw Fault("the export is by another key than the one that was given");
    }
    return key;
  }

  /// Whether there is more to come.
  bool read_event_or_checkpoint() {
    const std::string line = next_line();
    JsonFields fields(line);
    if (fields.has("checkpoint")) {
      read_checkpoint(line, fields);
      return false;
    }
    const Event event = read_event(fields);
    require_spelling(line, export_line(event));
    if (event.seq != last() + 1) {
      throw Fault(fmt::format("event {} stands where event {} belongs", event.seq, last() + 1));
    }
    if (link_of(m_store, event, m_link) != event.link) {
      throw Fault(fmt::format("event {} was changed, or is not linked to the one before", event.seq));
    }
    m_link = event.link;
    ++m_report.events;
    tell();
    return true;
  }

  void read_checkpoint(const std::string& line, JsonFields& fields) {
    const std::string text = fields.text("checkpoint");
    fields.done();
    require_spelling(line, export_line(text));
    Checkpoint checkpoint;
    try {
      m_report.note = parse_checkpoint(text);
      checkpoint = open_checkpoint(m_report.note, m_report.key);
    } catch (const Error& e) {
      throw Fault(e.what());
    }
    if (m_report.note.signatures.size() != 1) {
      throw Fault("the checkpoint of an export has one signature");
    }
    if (checkpoint.size != last()) {
      throw Fault(
          fmt::format("the checkpoint is of {} events, and the export ends with event {}", checkpoint.size, last()));
    }
    if (checkpoint.head != m_link) {
      throw Fault("the checkpoint is of another history");
    }
  }

  std::uint64_t last() const { return m_report.first - 1 + m_report.events; }
  void tell() const {
    if (m_visit) {
      m_visit(last(), m_link);
    }
  }

  std::istream& m_in;
  const std::optional<AuditKey>& m_key;
  const std::function<void(std::uint64_t, const Digest&)>& m_visit;
  std::vector<char> m_buffer;
  std::size_t m_line = 0;
  StoreId m_store{};
  Digest m_link{};
  ExportReport m_report;
};

} // namespace

ExportReport check_export(std::istream& in, const std::optional<AuditKey>& key,
                          const std::function<void(std::uint64_t, const Digest&)>& visit) {
  return Reader(in, key, visit).read();
}

} // namespace caplet
