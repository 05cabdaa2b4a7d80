#pragma once

#include "core/clock.hpp"
#include "store/local_store.hpp"
#include "store/location.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace caplet {

struct NewStore {
  std::string prefix = std::string(k_default_prefix); ///< is_prefix()
  std::string account;                                ///< name of the first account, check_name()
  std::uint32_t os_uid = 0;                           ///< who makes it, for the audit log
  std::optional<Secret> passphrase = {};              ///< opens it instead of a key file
  PassphraseCost cost = {};                           ///< of the passphrase
};

/// How to open: `for_run` is `strict`, and makes ready for Store::begin_recurring(). `for_check` lets a store through
/// whose records do not fit its state, or which is older than its anchor, so that Store::check() can say more.
/// `at_once` is `strict` for a look in passing: it waits for nobody, then and when the store is read, and leaves a
/// store of an older format as it is (Error{busy} for both).
enum class Opening : std::uint8_t { strict, for_run, for_check, at_once };

/// Whether there is a store file, of whatever kind.
bool store_exists(const Location& location);

/// Its id, without opening it. Throws like open_store().
StoreId store_id(const Location& location);

/// Opens a store. One of an older format is brought to ours first, and a copy of it kept (migration.hpp). Throws
/// Error{missing} without one, Error{unsafe} where others could reach the files, Error{locked} where nothing at hand
/// opens it, Error{damaged, newer_format, busy, unavailable}.
std::unique_ptr<LocalStore> open_store(const Location& location, Opening opening = Opening::strict,
                                       const Unlocking& unlocking = {});

/// Makes a store and what opens it, complete and durable or not at all; a key file that is there already and has no
/// store is used (an earlier try was interrupted). With several at once, one makes it, and the others get
/// Error{exists}. Throws Error{exists, usage, unsafe, full, unavailable}.
void create_store(const Location& location, const NewStore& wanted, const Clock& clock);

} // namespace caplet
