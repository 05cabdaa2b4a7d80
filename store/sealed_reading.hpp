#pragma once

#include "core/error.hpp"
#include "store/sealed_store.hpp"

namespace caplet {

/// Gives a lock back at the end of a scope.
class Unlock {
public:
  explicit Unlock(FileLock& lock) noexcept : m_lock(lock) {}
  Unlock(const Unlock&) = delete;
  Unlock& operator=(const Unlock&) = delete;
  ~Unlock() { m_lock.release(); }

private:
  FileLock& m_lock;
};

inline Error busy() { return {Errc::busy, "another process holds the store", "try again in a moment"}; }

/// Runs `work`, one SQLite statement and so a look at one moment, and authenticates the state if the file has changed
/// since the last time. It takes no lock of ours: SQLite's own keeps writers out. Only where that says that a writer is
/// at work does it wait for ours, in the kernel and with a deadline, and try again; not where it was opened at_once.
/// Inside a change, neither is needed.
template <typename Work>
auto SealedStore::reading(const Work& work) {
  if (m_in_change) {
    return work();
  }
  const auto authenticated = [&] {
    auto answer = work();
    refresh_state();
    return answer;
  };
  try {
    return authenticated();
  } catch (const Error& e) {
    if (e.code() == Errc::damaged) {
      require_same_epoch();
    }
    if (e.code() != Errc::busy || m_opening == Opening::at_once) {
      throw;
    }
  }
  if (!m_lock.acquire(FileLock::Mode::shared, k_lock_deadline)) {
    throw busy();
  }
  const Unlock unlock(m_lock);
  const Database::Patience wait(m_vault.database);
  try {
    return authenticated();
  } catch (const Error& e) {
    if (e.code() == Errc::damaged) {
      require_same_epoch();
    }
    throw;
  }
}

/// Shows what `decode` makes of each record of a kind, in the order they were made, until `visit` answers false. In
/// batches, with the file given back between them: a list that somebody pages through must not keep writers out.
template <typename Thing, typename Decode>
void SealedStore::each_record(RecordKind kind, std::size_t batch_size, const std::function<bool(const Thing&)>& visit,
                              const Decode& decode) {
  struct Batch {
    std::vector<Thing> things;
    std::int64_t last = 0;
    std::size_t rows = 0;
  };
  Batch batch;
  do {
    // Whatever `reading` has to do again begins with nothing: what it gives back is all that counts.
    batch = reading([&, after = batch.last] {
      Batch next{{}, after, 0};
      next.things.reserve(batch_size);
      next.rows = m_records->each_after(next.last, kind, batch_size,
                                        [&](const Record& record) { decode(next.things.emplace_back(), record); });
      return next;
    });
    for (const Thing& thing : batch.things) {
      if (!visit(thing)) {
        return;
      }
    }
  } while (batch.rows == batch_size);
}

} // namespace caplet
