#include "cli/function_view.hpp"

#include "cli/token_options.hpp"
#include "cli/token_view.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace caplet {
namespace {

constexpr std::string_view k_units = "KMGT";

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

nlohmann::ordered_json to_json(const FunctionRevision& revision) {
  return {{"revision", revision.number},
          {"function_checksum", to_hex(revision.sha256)},
          {"size", revision.size},
          {"created_at", caplet::to_json(std::optional(revision.created_at))},
          {"created_by", text_or_null(revision.created_by)}};
}

} // namespace

nlohmann::ordered_json to_json(const Function& function) {
  const FunctionSettings& settings = function.settings;
  nlohmann::ordered_json json{{"function_id", function.id}, {"name", function.name}};
  json.update(to_json(function.revision));
  json["description"] = settings.description;
  json["interpreter"] = text_or_null(settings.interpreter);
  json["interpreter_checksum"] =
      settings.interpreter_sha256 ? nlohmann::ordered_json(to_hex(*settings.interpreter_sha256)) : nullptr;
  json["timeout_seconds"] = settings.timeout.count() > 0 ? nlohmann::ordered_json(settings.timeout.count()) : nullptr;
  json["env"] = settings.environment;
  json["pass_env"] = settings.passed;
  json["max_output"] = settings.most_output;
  json["cwd"] = settings.directory.empty() ? "/" : settings.directory;
  json["earlier"] = nlohmann::ordered_json::array();
  for (const FunctionRevision& each : function.earlier) {
    json["earlier"].push_back(to_json(each));
  }
  return json;
}

std::string size_text(std::uint64_t bytes) {
  constexpr double k_kibi = 1024;
  if (bytes < 1024) {
    return fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s");
  }
  double size = static_cast<double>(bytes) / k_kibi;
  std::size_t unit = 0;
  while (size >= k_kibi && unit + 1 < k_units.size()) {
    size /= k_kibi;
    ++unit;
  }
  return fmt::format("{:.1f} {}iB", size, k_units[unit]);
}

std::uint64_t size_from(std::string_view text, std::string_view option) {
  std::string_view digits = text;
  std::uint64_t factor = 1;
  const auto unit = digits.empty() ? std::string_view::npos : k_units.find(digits.back());
  if (unit != std::string_view::npos) {
    factor = std::uint64_t{1} << (10 * (unit + 1));
    digits.remove_suffix(1);
  }
  try {
    const std::uint64_t count = count_from(digits, option);
    if (count <= (std::uint64_t{1} << 53U) / factor) {
      return count * factor;
    }
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): said below, with the units
  }
  throw Error(Errc::usage, fmt::format("{} takes a number of bytes, not \"{}\"", option, escape(text, 40)),
              "for example: 4096, 64K, 10M, 1G");
}

Digest digest_from(std::string text, std::string_view option) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  Digest digest{};
  if (!from_hex(text, digest)) {
    throw Error(Errc::usage, fmt::format("{} takes a SHA-256, not \"{}\"", option, escape(text, 80)),
                "64 hexadecimal digits, as sha256sum and caplet function show print them");
  }
  return digest;
}

} // namespace caplet
