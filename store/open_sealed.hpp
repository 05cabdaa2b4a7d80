#pragma once

#include "store/file_lock.hpp"
#include "store/open_store.hpp"
#include "store/sealed_store.hpp"

#include <memory>

namespace caplet {

/// Opens a store whose lock is held, after bringing it to our format; the lock is given back. Where it has to be
/// brought there, it is taken exclusively for that. REQUIRES: the location is resolved, its files were found safe.
std::unique_ptr<SealedStore> open_sealed(const Location& location, FileLock lock, Opening opening,
                                         const Unlocking& unlocking);

} // namespace caplet
