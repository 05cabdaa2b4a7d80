#include "cli/audit_export.hpp"

#include "cli/event_view.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace caplet {
namespace {

using nlohmann::ordered_json;

std::string ascii_line(const ordered_json& json) {
  // ASCII: which characters are harmful changes with the Unicode tables, and the spelling of a line must not.
  constexpr bool k_ascii = true;
  return json.dump(-1, ' ', k_ascii, ordered_json::error_handler_t::strict);
}

} // namespace

std::string export_line(const ExportHeader& header) {
  return ascii_line({{"format", ExportHeader::k_format},
                     {"version", ExportHeader::k_version},
                     {"origin", header.key.name},
                     {"first", header.first},
                     {"link_before", to_hex(header.link_before)},
                     {"key", to_text(header.key)}});
}

std::string export_line(const Event& event) {
  ordered_json json = to_json(event);
  json["salt"] = to_hex(event.salt);
  json["link"] = to_hex(event.link);
  try {
    return ascii_line(json);
  } catch (const ordered_json::type_error&) {
    throw Error(Errc::damaged, fmt::format("event {} of the audit log holds text that is not UTF-8", event.seq),
                "see all that is wrong: caplet store check");
  }
}

std::string export_line(const std::string& checkpoint_note) { return ascii_line({{"checkpoint", checkpoint_note}}); }

} // namespace caplet
