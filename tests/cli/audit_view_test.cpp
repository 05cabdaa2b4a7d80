// What the commands of the audit log make of events that no command writes: repeated ones, and hostile texts.

#include "cli/audit_export.hpp"
#include "cli/audit_import.hpp"
#include "core/error.hpp"
#include "core/json_fields.hpp"
#include "store/audit_link.hpp"
#include "store/open_store.hpp"
#include "tests/cli/sandbox.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace caplet::test {
namespace {

using nlohmann::json;

const std::string k_evil = "@\x1b[31m\u202e\u2028\x7f\"\\\n\t \u00fc\U0001F511";

Event evil_event() {
  Event event;
  event.seq = 1;
  event.time = Instant(std::chrono::seconds(1'800'000'000));
  event.action = "account.pat.mint";
  event.actor_kind = Actor::Kind::token;
  event.actor_id = "aB3dE6gH9jK2";
  event.actor_name = k_evil;
  event.os_uid = 4294967295;
  event.target_name = "=1+1";
  event.outcome = Event::Outcome::denied;
  event.reason = k_evil;
  event.repeats = 12;
  event.salt.assign(k_event_salt_size, 7);
  return event;
}

/// What is wrong with an export that is signed all the same.
struct Wrong {
  Digest link_before{};
  bool other_head = false;
  std::string more_signatures;
};

/// An export of these events, signed by a key of our own.
std::string export_of(std::vector<Event> events, const Wrong& wrong = {}) {
  const StoreId store{1, 2, 3};
  const Digest seed{};
  const AuditKey key = audit_key(audit_origin(store), seed);
  Digest head = wrong.link_before;
  std::string text = export_line(ExportHeader{key, 1, head}) + "\n";
  for (Event& event : events) {
    event.link = head = link_of(store, event, head);
    text += export_line(event) + "\n";
  }
  if (wrong.other_head) {
    head[0] ^= 1U;
  }
  return text + export_line(sign_checkpoint({key.name, events.size(), head}, seed) + wrong.more_signatures) + "\n";
}

ExportReport check(const std::string& text) {
  std::istringstream in(text);
  return check_export(in, std::nullopt);
}

/// A store with these events behind that of its making.
void make_store(Sandbox& sandbox, const std::vector<Event>& events) {
  sandbox.environment["CAPLET_HOME"] = (sandbox.work() / "s").string();
  REQUIRE(launch(sandbox.caplet({"init"})).status == 0);
  Location location;
  location.store = sandbox.work() / "s" / "store.db";
  location.key = sandbox.work() / "s" / "key";
  const auto store = open_store(location);
  const auto change = store->begin();
  for (const Event& event : events) {
    change->append(event);
  }
  change->commit();
}

std::string fault_in(const std::string& text) {
  try {
    JsonFields fields(text);
    fields.text("a");
    fields.done();
  } catch (const BadJson& bad) {
    return bad.what();
  }
  return "";
}

} // namespace

TEST_CASE("an event of any text goes out and comes back, and harms no terminal", "[audit]") {
  const std::string text = export_of({evil_event()});
  const ExportReport report = check(text);
  CHECK_FALSE(report.problem);
  CHECK(report.events == 1);
  for (const char c : text) {
    CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  }
  CHECK(json::parse(export_line(evil_event()))["reason"] == k_evil);
}

TEST_CASE("an event whose text is not UTF-8 is not exported as another one", "[audit]") {
  Event event = evil_event();
  event.reason = "\xff";
  CHECK_THROWS_AS(export_line(event), Error);
}

TEST_CASE("no byte of an export can be changed, dropped or doubled", "[audit]") {
  Event plain = evil_event();
  plain.actor_name = "ops";
  plain.reason.clear();
  const std::string text = export_of({plain});
  for (std::size_t at = 0; at < text.size(); ++at) {
    CAPTURE(at);
    CHECK(check(text.substr(0, at)).problem);
    std::string edited = text;
    edited.erase(at, 1);
    CHECK((edited == text || check(edited).problem));
    edited = text;
    edited.insert(at, 1, text[at]);
    CHECK(check(edited).problem);
    for (const unsigned bit : {1U, 2U, 32U, 128U}) {
      edited = text;
      edited[at] = static_cast<char>(static_cast<unsigned char>(edited[at]) ^ bit);
      CHECK(check(edited).problem);
    }
  }
}

TEST_CASE("an export that is signed and still not as it must be is refused", "[audit]") {
  Event second = evil_event();
  second.seq = 3;
  REQUIRE(check(export_of({evil_event(), second})).problem);
  CHECK(check(export_of({evil_event(), second})).problem->what == "event 3 stands where event 2 belongs");
  Event first = evil_event();
  first.salt.resize(15);
  CHECK(check(export_of({first})).problem->what == "\"salt\" is not 16 bytes in hexadecimal");
  CHECK_FALSE(check(export_of({})).problem);
  const auto fault = [](const Wrong& wrong) { return check(export_of({evil_event()}, wrong)).problem->what; };
  CHECK(fault({.other_head = true}) == "the checkpoint is of another history");
  CHECK(fault({.more_signatures = "\u2014 witness.example/w AAAAAAEC\n"}) ==
        "the checkpoint of an export has one signature");
  Wrong beginning;
  beginning.link_before[0] = 1;
  CHECK(fault(beginning) == "the first event cannot be linked to what is before it");
}

TEST_CASE("a JSON line is one flat object, and nothing else", "[audit]") {
  CHECK(fault_in(R"({"a":"x"})").empty());
  const std::string none = "it is not a JSON object";
  for (const char* text : {"", "x", "1", "\"a\"", "null", "[]", "[{}]", "{", "{}}", R"({"a":"x"}{"a":"x"})", R"({"a"})",
                           R"({"a":"x",})", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", R"({"a":"\ud800"})", R"({"a":01})"}) {
    CAPTURE(text);
    CHECK(fault_in(text) == none);
  }
  for (const char* text : {R"({"a":{}})", R"({"a":true})", R"({"a":1.5})", R"({"a":-1})", R"({"a":1e3})",
                           R"({"a":18446744073709551616})"}) {
    CAPTURE(text);
    CHECK(fault_in(text) == "\"a\" has a value of a wrong kind");
  }
  CHECK(fault_in(R"({"a":[]})") == "\"a\" is not a text");
  CHECK(fault_in(R"({"a":1})") == "\"a\" is not a text");
  CHECK(fault_in(R"({"a":"x","a":"x"})") == "the key \"a\" is there twice");
  CHECK(fault_in(R"({"a":"x","b\u001b":1})") == "the key \"b\\u{1B}\" does not belong there");
  CHECK(fault_in("{}") == "\"a\" is missing");
  CHECK(fault_in(std::string(60000, '[')) == none);
}

TEST_CASE("a cell that a spreadsheet would run is made text", "[audit]") {
  Event event = evil_event();
  for (const std::string start : {"=", "+", "-", "@", "\t", "\r"}) {
    event.reason = start + "1";
    const std::string row = csv_row(event);
    CHECK(row.find(",'" + (start < " " ? "\\u{" : start)) != std::string::npos);
  }
  event.reason = "a=1";
  CHECK(csv_row(event).find(",a=1,12,") != std::string::npos);
  event.reason = "-\"a\",\n";
  CHECK(csv_row(event).find(R"(,"'-""a"",\u{A}",12,)") != std::string::npos);
}

TEST_CASE("an export ends where the log ended when it began", "[audit]") {
  Sandbox sandbox;
  make_store(sandbox, std::vector<Event>(1000, evil_event())); // more than a pipe holds, and more than one batch
  const Outcome outcome = launch(sandbox.shell("caplet audit export | {\n"
                                               "  dd bs=1 count=1 2>dd.log\n" // by then it is under way
                                               "  caplet token create -n meanwhile >token 2>words\n"
                                               "  cat\n"
                                               "} >export.jsonl"));
  REQUIRE(outcome.status == 0);
  std::ifstream in(sandbox.work() / "export.jsonl");
  const ExportReport report = check_export(in, std::nullopt);
  CHECK_FALSE(report.problem);
  CHECK(report.events == 1001);
  CHECK(check(launch(sandbox.caplet({"audit", "export"})).out).events == 1002);
}

TEST_CASE("events that were left out are counted", "[audit]") {
  Sandbox sandbox;
  Event event = evil_event();
  event.reason.clear();
  Event once = event;
  once.repeats = 0;
  make_store(sandbox, {event, once});
  std::string table = launch(sandbox.caplet({"audit", "list", "--denied"})).out;
  CHECK(table.find("│ denied ×13 │") != std::string::npos);
  CHECK(table.find("│ denied     │") != std::string::npos);
  sandbox.environment["LANG"] = "C";
  table = launch(sandbox.caplet({"audit", "list", "--denied"})).out;
  CHECK(table.find("| denied x13 |") != std::string::npos);
  const json list = json::parse(launch(sandbox.caplet({"audit", "list", "--json"})).out);
  REQUIRE(list.size() == 3);
  CHECK(list[0]["repeats"] == 0);
  CHECK(list[1]["repeats"] == 12);
  const json ocsf = json::parse(launch(sandbox.caplet({"audit", "export", "--format", "ocsf", "--after", "2"})).out);
  CHECK(ocsf["count"] == 1);
  CHECK(ocsf["status_id"] == 2);
  CHECK(ocsf["actor"]["user"]["credential_uid"] == "aB3dE6gH9jK2");
  const std::string lines = launch(sandbox.caplet({"audit", "export"})).out;
  CHECK_FALSE(check(lines).problem);
  CHECK(check(lines).events == 3);
}

} // namespace caplet::test
