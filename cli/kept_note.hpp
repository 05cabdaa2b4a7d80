#pragma once

#include "cli/audit_import.hpp"
#include "core/checkpoint.hpp"

#include <functional>
#include <optional>
#include <string>

namespace caplet {

/// check_export() of a file; `-` is standard input. Throws Error{failed} where it cannot be read.
ExportReport check_export_file(const std::string& path, const std::optional<AuditKey>& key,
                               const std::function<void(std::uint64_t seq, const Digest& link)>& visit = {});

/// The checkpoint in a file that somebody kept: a note, or the last line of an export, which is checked as far as it
/// can be without knowing the key. The signature is still to be looked at: open_checkpoint(). Throws Error{damaged}
/// where it is neither, or no longer whole, Error{failed} where it cannot be read.
SignedNote read_kept_note(const std::string& path);

} // namespace caplet
