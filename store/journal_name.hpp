#pragma once

#include <filesystem>
#include <string>

namespace caplet {

/// Whether the name of SQLite's journal is on the disk. SQLite syncs the directory with the first sync of every
/// journal, for all that it knows is that it may have made it. For one that stays (Database::Journal::stays) that is
/// done once: when a transaction with it was committed it is marked, by the execute bit of its owner (mode 0700), and a
/// marked one is opened as a file that is there. Whoever makes a journal anew makes it without the mark; only who
/// copies one with its mode copies the mark, too, and should sync what was copied, as for the store itself.
///
/// The name of a SQLite VFS, the ordinary one with this; registered at the first call. Empty where that is not
/// possible: the ordinary one. Threads: any.
std::string journal_vfs();

/// Marks the journal of a store. REQUIRES: the store's lock, and that a transaction was committed with this journal and
/// through journal_vfs(). Best effort: one that is not marked costs a sync more.
void mark_journal(const std::filesystem::path& store) noexcept;

} // namespace caplet
