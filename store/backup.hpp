#pragma once

#include "core/progress.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <filesystem>

namespace caplet {

enum class OnExisting : std::uint8_t { refuse, replace };

/// Copies an open store's file, of one moment, to a new private file (mode 0600): complete and durable, or not at all.
/// Writers wait meanwhile. `check` looks at the copy before it gets its name; what it throws leaves nothing behind.
/// REQUIRES: no transaction. Throws Error{exists, full, unavailable}.
void copy_store(Database& from, const std::filesystem::path& to, OnExisting on_existing, const Progress& progress,
                const std::function<void(const std::filesystem::path& copy)>& check = {});

} // namespace caplet
