#include "cli/scan/place.hpp"

#include "core/redaction.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

namespace caplet {
namespace {

constexpr std::size_t k_short = 12; // digits of an object's id

} // namespace

std::string without_tokens(const std::string& path) { return holds_token(path) ? redact_tokens(path) : path; }

std::string to_text(const Place& place) {
  const std::string path = escape(without_tokens(place.path), 4096);
  if (place.path.empty()) {
    return fmt::format("{} {}", place.type, place.object.substr(0, k_short));
  }
  return place.commit.empty() ? path : fmt::format("{}:{}", place.commit.substr(0, k_short), path);
}

} // namespace caplet
