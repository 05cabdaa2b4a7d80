#pragma once

#include "core/checkpoint.hpp"
#include "core/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace caplet {

/// The lines of an export of the audit log, each without its line break. FORMAT.md describes them.

/// The first line of an export in JSON lines.
struct ExportHeader {
  static constexpr std::string_view k_format = "caplet-audit-export";
  static constexpr std::uint64_t k_version = 1;

  AuditKey key;            ///< its name is the log's origin
  std::uint64_t first = 1; ///< number of the first event
  Digest link_before{};    ///< link of the event before it; zero for the first of all
};

/// JSON lines: everything that the links are made of. A line has one spelling (ASCII, no blanks, keys in this order).
/// Throws Error{damaged} for an event whose texts are not UTF-8.
std::string export_line(const ExportHeader& header);
std::string export_line(const Event& event);
std::string export_line(const std::string& checkpoint_note);

/// RFC 4180, with a header. A text that a spreadsheet would take for a formula (it starts with = + - @, a tab or a
/// carriage return) has a ' before it.
std::string csv_header();
std::string csv_row(const Event& event);

/// An OCSF 1.3.0 event of class API Activity (6003). `origin` names the log.
std::string ocsf_line(const Event& event, std::string_view origin);

} // namespace caplet
