#pragma once

#include <sys/types.h>

#include <optional>

namespace caplet {

/// From now on the orphans among the processes that descend from this one come to it, not to init: whatever daemonises
/// itself stays within reach.
void adopt_orphans() noexcept;

/// Kills all processes that descend from this one and reaps them, until there is none. They are stopped first, so that
/// what forks as fast as it is killed comes to an end. Whether it came to an end: what hangs in the kernel is given up
/// after ten seconds. `of_interest`: a child; its status is kept in `status`.
///
/// REQUIRES: adopt_orphans(). A process that is not ours is not hit, though numbers are used again: each is held by a
/// pidfd, and asked for its parents after that.
bool kill_descendants(pid_t of_interest, std::optional<int>& status) noexcept;

} // namespace caplet
