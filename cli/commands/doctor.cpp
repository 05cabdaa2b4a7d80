#include "cli/doctor.hpp"

#include "cli/commands/all.hpp"
#include "cli/token_view.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace caplet {
namespace {

Style style_of(Diagnosis::Level level) {
  switch (level) {
  case Diagnosis::Level::problem:
    return Style::red;
  case Diagnosis::Level::advice:
    return Style::yellow;
  case Diagnosis::Level::note:
    break;
  }
  return Style::dim;
}

/// `: orders:write stock:read`, of many the first few.
std::string scopes_of(const Diagnosis::Finding::Named& token) {
  constexpr std::size_t k_shown = 5;
  std::string scopes;
  for (std::size_t i = 0; i < std::min(k_shown, token.scopes.size()); ++i) {
    scopes += (i == 0 ? ": " : " ") + token.scopes[i];
  }
  const std::size_t shown = std::min(k_shown, token.scopes.size());
  return token.scopes.size() > shown ? scopes + fmt::format(" and {} more", token.scopes.size() - shown) : scopes;
}

/// The first few by name.
std::string names_of(const Diagnosis::Finding& finding) {
  constexpr std::size_t k_shown = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(k_shown, finding.tokens.size()); ++i) {
    const auto& token = finding.tokens[i];
    names +=
        fmt::format("{}{} ({}){}", names.empty() ? ": " : ", ", escape(token.name, 40), token.id, scopes_of(token));
  }
  return finding.count > k_shown ? names + fmt::format(" and {} more", finding.count - k_shown) : names;
}

void print_plain(Context& context, const Diagnosis& diagnosis, bool sound) {
  for (const Diagnosis::Finding& finding : diagnosis.findings) {
    const std::string level = fmt::format("{:<8}", to_string(finding.level));
    context.out().line(fmt::format("{} {}{}", styled(level, style_of(finding.level), context.colors(context.out())),
                                   finding.what, names_of(finding)));
    if (!finding.remedy.empty()) {
      context.out().line(fmt::format("{:9}{}", "", finding.remedy));
    }
  }
  const std::string looked = fmt::format("Looked at {} files and {}", diagnosis.files,
                                         diagnosis.opened ? fmt::format("{} tokens", diagnosis.tokens)
                                                          : "not into the store, which could not be opened");
  const auto notes = std::count_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                                   [](const Diagnosis::Finding& each) { return each.level == Diagnosis::Level::note; });
  const std::size_t rest = diagnosis.findings.size() - static_cast<std::size_t>(notes);
  context.out().line(fmt::format("{}: {}", looked,
                                 diagnosis.findings.empty() ? "all is well"
                                 : sound ? fmt::format("nothing to see to, {} note{}", notes, notes == 1 ? "" : "s")
                                         : fmt::format("{} to see to", rest)));
}

void print_json(Context& context, const Diagnosis& diagnosis, bool sound) {
  auto findings = nlohmann::ordered_json::array();
  for (const Diagnosis::Finding& finding : diagnosis.findings) {
    auto tokens = nlohmann::ordered_json::array();
    for (const auto& [id, name, scopes] : finding.tokens) {
      tokens.push_back({{"id", id}, {"name", name}, {"scopes", scopes}});
    }
    findings.push_back({{"level", to_string(finding.level)},
                        {"check", finding.check},
                        {"finding", finding.what},
                        {"remedy", finding.remedy},
                        {"count", finding.count},
                        {"tokens", std::move(tokens)}});
  }
  context.out().line(json_pretty({{"ok", sound},
                                  {"files", diagnosis.files},
                                  {"opened", diagnosis.opened},
                                  {"tokens", diagnosis.tokens},
                                  {"findings", std::move(findings)}}));
}

int run_doctor(Context& context, const Arguments& arguments) {
  const Diagnosis diagnosis = diagnose(context);
  const bool sound = std::all_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                                 [](const Diagnosis::Finding& each) { return each.level == Diagnosis::Level::note; });
  if (output_format(k_doctor, arguments) == "json") {
    print_json(context, diagnosis, sound);
  } else {
    print_plain(context, diagnosis, sound);
  }
  return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

constinit const Command k_doctor{
    .path = "doctor",
    .summary = "Look for what is unsafe or no longer needed.",
    .details =
        "Who can reach the files, where the key lies, the clock, and tokens that never expire, that nobody has "
        "used for 90 days, or that have scopes which were never asked for. A problem or an advice makes the exit "
        "status 1; a note does not. It works on a store that other commands refuse, as far as it can. Whether "
        "every record is as it was written: caplet store check.",
    .examples = "caplet doctor\n"
                "caplet doctor -o json | jq '.findings[].check'",
    .statuses = "0:nothing was found\n"
                "1:something was found",
    .formats = "plain,json",
    .run = run_doctor,
};

} // namespace caplet
