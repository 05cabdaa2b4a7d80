#pragma once

#include "store/unlock.hpp"

#include <cstdint>
#include <filesystem>

namespace caplet {

/// Brings a store of an older format to ours, step by step, each step one transaction with an event in the log: it is
/// the old store or the new one, whatever happens meanwhile. A copy of the file is made first, beside it, and stays. A
/// store that is damaged or was tampered with is left as it is: Error{damaged}. Throws Error{locked, full,
/// unavailable}. REQUIRES: the store's lock is held exclusively; the location is resolved.
void migrate(const Location& location, const Unlocking& unlocking);

/// The copy of before a migration: `store.db.format-<n>`.
std::filesystem::path migration_backup(const Location& location, std::uint64_t format);

} // namespace caplet
