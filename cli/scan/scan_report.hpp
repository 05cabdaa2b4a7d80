#pragma once

#include "cli/output.hpp"
#include "cli/scan/found_tokens.hpp"
#include "cli/scan/place.hpp"
#include "cli/scan/store_answer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Writes what a scan finds, as it is found. No secret comes out of it.
class ScanReport {
public:
  /// `format`: plain, json, jsonl or sarif (2.1.0, OASIS).
  static std::unique_ptr<ScanReport> make(std::string_view format, Output& out);

  virtual ~ScanReport() = default;
  ScanReport() = default;
  ScanReport(const ScanReport&) = delete;
  ScanReport& operator=(const ScanReport&) = delete;

  /// `answer`: where the store was asked.
  virtual void add(const Place& place, const FoundToken& finding, const std::optional<StoreAnswer>& answer) = 0;
  /// The end of it. `problems`: what could not be read.
  virtual void finish(const std::vector<std::string>& problems) = 0;
};

} // namespace caplet
