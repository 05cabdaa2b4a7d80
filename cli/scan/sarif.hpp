#pragma once

#include "cli/scan/scan_report.hpp"

namespace caplet {

/// What a scan finds as SARIF 2.1.0 (Static Analysis Results Interchange Format, OASIS), which code hosts show beside
/// the line. A token is told apart from others by its id (partialFingerprints).
std::unique_ptr<ScanReport> make_sarif_report(Output& out);

} // namespace caplet
