#include "cli/scan/scan_report.hpp"

#include "cli/scan/sarif.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace caplet {
namespace {

using nlohmann::ordered_json;

/// A path for JSON, which has no bytes but UTF-8.
std::string json_path(const std::string& path) {
  const std::string shown = without_tokens(path);
  return ordered_json::parse(ordered_json(shown).dump(-1, ' ', false, ordered_json::error_handler_t::ignore)) == shown
             ? shown
             : escape(shown, shown.size());
}

ordered_json to_json(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) {
  const auto or_null = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
  return {{"path", or_null(json_path(place.path))},
          {"line", finding.line},
          {"column", finding.column},
          {"offset", finding.offset},
          {"commit", or_null(place.commit)},
          {"object", or_null(place.object)},
          {"object_type", or_null(place.type)},
          {"prefix", finding.prefix},
          {"kind", to_string(finding.kind)},
          {"id", finding.id},
          {"token", finding.redacted()},
          {"state", answer ? ordered_json(to_string(answer->state)) : ordered_json()},
          {"name", answer ? or_null(answer->name) : ordered_json()},
          {"revoked_by_scan", answer ? ordered_json(answer->was_revoked) : ordered_json()}};
}

class PlainReport : public ScanReport {
public:
  explicit PlainReport(Output& out) : m_out(out) {}

  void add(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) override {
    m_out.line(fmt::format("{}:{}:{}: {}{}", to_text(place), finding.line, finding.column, finding.redacted(),
                           answer ? words(*answer) : ""));
  }
  void finish(const std::vector<std::string>& /*problems*/) override {}

private:
  static std::string words(const StoreAnswer& answer) {
    if (answer.state == StoreAnswer::State::unknown) {
      return " unknown to this store";
    }
    return fmt::format(" {}{}{}", answer.was_revoked ? "was live, revoked now" : to_string(answer.state),
                       answer.name.empty() ? "" : ": ", escape(answer.name));
  }

  Output& m_out;
};

class JsonLinesReport : public ScanReport {
public:
  explicit JsonLinesReport(Output& out) : m_out(out) {}

  void add(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) override {
    m_out.line(json_line(to_json(place, finding, answer)));
  }
  void finish(const std::vector<std::string>& /*problems*/) override {}

private:
  Output& m_out;
};

class JsonReport : public ScanReport {
public:
  explicit JsonReport(Output& out) : m_out(out) {}

  void add(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) override {
    m_out.write(m_count++ == 0 ? "[\n" : ",\n");
    m_out.write(json_line(to_json(place, finding, answer)));
  }
  void finish(const std::vector<std::string>& /*problems*/) override { m_out.line(m_count == 0 ? "[]" : "\n]"); }

private:
  Output& m_out;
  std::uint64_t m_count = 0;
};

} // namespace

std::unique_ptr<ScanReport> ScanReport::make(std::string_view format, Output& out) {
  if (format == "json") {
    return std::make_unique<JsonReport>(out);
  }
  if (format == "jsonl") {
    return std::make_unique<JsonLinesReport>(out);
  }
  if (format == "sarif") {
    return make_sarif_report(out);
  }
  return std::make_unique<PlainReport>(out);
}

} // namespace caplet
