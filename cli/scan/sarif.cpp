#include "cli/scan/sarif.hpp"

#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace caplet {
namespace {

using nlohmann::ordered_json;

/// A path as a URI reference (RFC 3986): everything but unreserved characters and slashes as %XX, a colon too, for it
/// could end a scheme.
std::string uri_of(const std::string& path) {
  constexpr std::string_view k_unreserved = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~/";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (k_unreserved.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

ordered_json location_of(const Place& place, const FoundToken& finding) {
  const std::uint64_t length = token_length(finding.prefix);
  ordered_json location;
  if (!place.path.empty()) {
    location["physicalLocation"] = {{"artifactLocation", {{"uri", uri_of(without_tokens(place.path))}}},
                                    {"region",
                                     {{"startLine", finding.line},
                                      {"startColumn", finding.column},
                                      {"endLine", finding.line},
                                      {"endColumn", finding.column + length},
                                      {"byteOffset", finding.offset},
                                      {"byteLength", length}}}};
  }
  if (!place.object.empty()) {
    auto names = ordered_json::array();
    if (!place.commit.empty()) {
      names.push_back({{"fullyQualifiedName", "commit " + place.commit}});
    }
    if (place.object != place.commit) {
      names.push_back({{"fullyQualifiedName", place.type + " " + place.object}});
    }
    location["logicalLocations"] = names;
  }
  return location;
}

class SarifReport : public ScanReport {
public:
  explicit SarifReport(Output& out) : m_out(out) {
    const ordered_json driver{
        {"name", "caplet"},
        {"semanticVersion", CAPLET_VERSION},
        {"rules",
         {{{"id", "caplet-token"},
           {"name", "CapletToken"},
           {"shortDescription", {{"text", "A caplet token"}}},
           {"fullDescription", {{"text", "A personal or scoped access token of caplet stands in the clear."}}},
           {"help", {{"text", "Revoke it (caplet token delete ID), make another, and keep that one elsewhere."}}},
           {"defaultConfiguration", {{"level", "error"}}}}}}};
    m_out.write(fmt::format(R"({{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0",)"
                            R"("runs":[{{"tool":{{"driver":{}}},"columnKind":"unicodeCodePoints","results":[)",
                            json_line(driver)));
  }

  void add(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) override {
    const bool is_dead = answer && answer->is_dead();
    std::string text = fmt::format("The token {} stands here in the clear", finding.redacted());
    ordered_json properties = ordered_json::object();
    if (answer) {
      text += answer->state == StoreAnswer::State::unknown
                  ? "; this store does not know it"
                  : fmt::format("; it is {}{}{}", to_string(answer->state), answer->name.empty() ? "" : ": ",
                                escape(answer->name));
      properties["state"] = to_string(answer->state);
      properties["revokedByScan"] = answer->was_revoked;
    }
    const ordered_json result{{"ruleId", "caplet-token"},
                              {"ruleIndex", 0},
                              {"level", is_dead ? "note" : "error"},
                              {"message", {{"text", text + "."}}},
                              {"locations", {location_of(place, finding)}},
                              {"partialFingerprints", {{"capletTokenId/v1", finding.id}}},
                              {"properties", properties}};
    m_out.write(fmt::format("{}\n{}", m_count++ == 0 ? "" : ",", json_line(result)));
  }

  void finish(const std::vector<std::string>& problems) override {
    auto notifications = ordered_json::array();
    for (const std::string& problem : problems) {
      notifications.push_back({{"level", "error"}, {"message", {{"text", problem}}}});
    }
    m_out.line(fmt::format(
        "],\n\"invocations\":[{}]}}]}}",
        json_line({{"executionSuccessful", problems.empty()}, {"toolExecutionNotifications", notifications}})));
  }

private:
  Output& m_out;
  std::uint64_t m_count = 0;
};

} // namespace

std::unique_ptr<ScanReport> make_sarif_report(Output& out) { return std::make_unique<SarifReport>(out); }

} // namespace caplet
