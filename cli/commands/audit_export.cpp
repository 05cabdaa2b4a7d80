#include "cli/audit_export.hpp"

#include "cli/commands/all.hpp"
#include "cli/context.hpp"
#include "cli/new_file.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <optional>

namespace caplet {
namespace {

constexpr std::array k_options{
    Option{"--format", "FORMAT", "what to write; the first is the default", false, "jsonl,csv,ocsf"},
    Option{"--after", "N", "from the event behind this number on"},
    Option{"--out", "FILE", "write to a new file instead of standard output"},
};

/// What is written: all events behind `after` up to the checkpoint, which is of the moment that the export began.
struct Export {
  AuditKey key;
  std::uint64_t after = 0;
  Digest link_before{};
  SignedCheckpoint end;
};

std::uint64_t after_from(const Arguments& arguments) {
  const std::string text = arguments.value("after").value_or("0");
  std::int64_t after = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), after);
  if (error != std::errc() || end != text.data() + text.size() || after < 0) {
    throw Error(Errc::usage, fmt::format("--after takes the number of an event, not \"{}\"", escape(text, 40)),
                "for example: --after 1000");
  }
  return static_cast<std::uint64_t>(after);
}

using EachEvent = std::function<void(const std::function<void(const Event&)>& visit)>;

void write_jsonl(Output& out, const Export& what, const EachEvent& each) {
  out.line(export_line(ExportHeader{what.key, what.after + 1, what.link_before}));
  each([&](const Event& event) { out.line(export_line(event)); });
  out.line(export_line(what.end.note));
}

void write_csv(Output& out, const Export& /*what*/, const EachEvent& each) {
  out.write(csv_header() + "\r\n");
  each([&](const Event& event) { out.write(csv_row(event) + "\r\n"); });
}

void write_ocsf(Output& out, const Export& what, const EachEvent& each) {
  each([&](const Event& event) { out.line(ocsf_line(event, what.key.name)); });
}

using Writer = void (*)(Output&, const Export&, const EachEvent&);

Writer writer_from(const Arguments& arguments) {
  const std::string format = arguments.value("format").value_or("jsonl");
  return format == "csv" ? write_csv : format == "ocsf" ? write_ocsf : write_jsonl;
}

void write(Output& out, Writer writer, const Export& what, Authority& authority, const Actor& actor) {
  const Checkpoint& end = what.end.checkpoint;
  Digest last = what.link_before;
  writer(out, what, [&](const std::function<void(const Event&)>& visit) {
    authority.each_event(actor, what.after, [&](const Event& event) {
      if (event.seq > end.size) {
        return false; // written meanwhile
      }
      visit(event);
      last = event.link;
      return true;
    });
    if (last != end.head) {
      throw Error(Errc::damaged, "the audit log changed while it was read",
                  "see all that is wrong: caplet audit verify");
    }
  });
}

int run_export(Context& context, const Arguments& arguments) {
  const Writer writer = writer_from(arguments);
  Export what;
  what.after = after_from(arguments);
  Authority& authority = context.authority();
  const Actor actor = context.actor(arguments);
  what.key = authority.audit_key(actor);
  what.end = authority.checkpoint(actor);
  const auto before = authority.audit_link(actor, what.after);
  if (!before || what.after > what.end.checkpoint.size) {
    throw Error(Errc::usage,
                fmt::format("--after {}: the log has only {} events", what.after, what.end.checkpoint.size),
                "give the number of the last event that you have");
  }
  what.link_before = *before;
  const std::string path = arguments.value("out").value_or("-");
  if (path == "-") {
    context.out().require_writable();
    write(context.out(), writer, what, authority, actor);
    return EXIT_SUCCESS;
  }
  NewFile file(path);
  write(file.out(), writer, what, authority, actor);
  file.finish();
  context.err().line(fmt::format("Wrote {} events to {}", what.end.checkpoint.size - what.after, escape(path, 4096)));
  return EXIT_SUCCESS;
}

} // namespace

constinit const Command k_audit_export{
    .path = "audit export",
    .summary = "Write the audit log for other programs to read.",
    .details = "jsonl can be checked without the store: caplet audit verify --export FILE. csv is for spreadsheets: a "
               "text that one would take for a formula (it starts with = + - or @) has a ' before it. ocsf is one API "
               "Activity event (OCSF 1.3.0, class 6003) a line. An export goes to the newest event; the next one goes "
               "on with --after. Names are in it, and no secrets.",
    .examples = "caplet audit export --out audit.jsonl\n"
                "caplet audit export --format csv --out audit.csv\n"
                "caplet audit export --format ocsf --after 1000",
    .options = k_options,
    .token = TokenRole::actor,
    .run = run_export,
};

} // namespace caplet
