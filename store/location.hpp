#pragma once

#include "core/environment.hpp"

#include <filesystem>
#include <optional>

namespace caplet {

/// Where a store's files are. All paths are absolute.
struct Location {
  std::filesystem::path store; ///< the encrypted SQLite file; its journal lies beside it in a change, and after a run
  std::filesystem::path key;   ///< the key file
  bool key_is_given = false;   ///< the key's place was named by the environment: it is never made there
  std::filesystem::path anchor = {};  ///< what this machine last saw of the store; empty: none is kept
  std::filesystem::path reserve = {}; ///< space kept for revoking tokens on a full disk; empty: none is kept

  /// The file that readers and writers lock. Beside the store, made with it, never removed.
  std::filesystem::path lock() const { return store.string() + ".lock"; }
};

/// Everything in `CAPLET_HOME` where that is set, else by the XDG base directories: the key in the configuration
/// directory, the store in the data directory, the anchor in the state directory. The key file may be elsewhere:
/// `CAPLET_KEY_FILE`, or `caplet.key` in `CREDENTIALS_DIRECTORY` (systemd) where it exists there. Touches no file but
/// to look for that one. Throws Error{usage} where no directory is known or one is not absolute.
Location locate(const Environment& environment);

/// The same by the environment of this process; of a set-user-ID program's, by none of it (secure_getenv).
Location locate();

/// The directory for what is configured, where one is known. Throws Error{usage} where CAPLET_HOME is not absolute.
std::optional<std::filesystem::path> config_directory(const Environment& environment);

/// The location with the links in the store's directory resolved: SQLite is told to follow none.
Location resolved(const Location& location);

} // namespace caplet
