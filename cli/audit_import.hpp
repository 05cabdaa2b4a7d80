#pragma once

#include "core/checkpoint.hpp"
#include "core/store.hpp"

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>

namespace caplet {

/// What an export of the audit log says of itself, and the first thing that is wrong with it.
struct ExportReport {
  AuditKey key;                                ///< the one that its checkpoint is signed by
  std::uint64_t first = 1;                     ///< number of its first event
  std::uint64_t events = 0;                    ///< read, and linked to the one before
  SignedNote note;                             ///< in its last line
  std::optional<CheckReport::Problem> problem; ///< where ("line 7") and what; nothing: it is whole, and signed
};

/// Checks an export in JSON lines with nothing but what it holds: each line to the letter, each link, and the signature
/// of the checkpoint at its end by `key`, or where none is given by the key that the file names, which says that it is
/// whole and not whose it is. Memory does not grow with the file. `visit` is told each number and its link, that before
/// the first event too; nothing of it is to be believed before the end. Throws Error{failed} where it cannot be read.
ExportReport check_export(std::istream& in, const std::optional<AuditKey>& key,
                          const std::function<void(std::uint64_t seq, const Digest& link)>& visit = {});

} // namespace caplet
