#pragma once

#include "core/event.hpp"
#include "core/store.hpp"
#include "store/unlock.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace caplet {

enum class OnStore : std::uint8_t { refuse, keep_aside };

struct Restored {
  CheckReport report;                         ///< of the backup
  std::optional<std::filesystem::path> aside; ///< where the store that was there is now
};

/// Puts a backup in the store's place: copied, opened, checked in full, its format brought to ours, the restoration in
/// its audit log. What it replaces is kept beside it. At every moment there is the old store or the new one. The backup
/// is only read. Throws Error{exists} where there is a store and it is to be refused, Error{missing} without a backup,
/// Error{locked, damaged, newer_format, busy, full, unavailable}.
Restored restore_store(const Location& location, const std::filesystem::path& backup, OnStore on_store,
                       const Unlocking& unlocking, const Event& event);

} // namespace caplet
