#pragma once

#include "cli/scan/beneath.hpp"
#include "cli/scan/file_scan.hpp"
#include "core/progress.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace caplet {

/// Files to scan, many at a time: one thread names them, several read them, and whoever owns the pool is told what came
/// of them in the order in which they were named. Memory does not grow with the number of files or findings.
class ScanPool {
public:
  struct Job {
    std::string shown; ///< what the file is called in answers; `-` alone is standard input
    std::shared_ptr<const Beneath>
        beneath; ///< its tree; none: `path` was named by somebody, and any kind of file will do
    std::string path;
    std::uint64_t largest_binary = k_any_size;
  };
  /// Something to tell of a file. One with many findings has several of these.
  struct Result {
    std::string shown;
    FoundTokens findings;
    std::string problem; ///< why it could not be read, or not to its end
    std::string warning; ///< of what is no less scanned for it
  };
  struct Totals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t skipped = 0; ///< large binaries
  };

  /// `name` runs in a thread of its own and names the files by add(). REQUIRES: `wanted` outlives the pool.
  ScanPool(const Wanted& wanted, unsigned threads, std::function<void(ScanPool&)> name);
  ScanPool(const ScanPool&) = delete;
  ScanPool& operator=(const ScanPool&) = delete;
  /// Stops what is under way.
  ~ScanPool();

  /// For the naming thread alone. False: nobody wants to know any more.
  bool add(Job job);
  /// The same for a word about something that is no file.
  bool tell(Result result);

  /// The next result; nothing where there is none left. Throws what a thread threw. `progress` is told now and then.
  std::optional<Result> next(const Progress& progress);
  Totals totals() const;

private:
  /// What is known of one file so far.
  struct Slot {
    std::deque<Result> results;
    bool done = false;
  };
  struct Numbered {
    std::uint64_t number;
    Job job;
  };

  template <typename Work>
  void guarded(const Work& work) noexcept;
  bool open_slot(std::unique_lock<std::mutex>& lock);
  void work();
  std::vector<Numbered> take();
  void scan(FileScan& scan, const Numbered& each);
  void post(std::uint64_t number, Result result);
  void close(std::uint64_t number, const FileOutcome& outcome);
  Slot& slot(std::uint64_t number) { return m_slots[static_cast<std::size_t>(number - m_first)]; }

  const Wanted& m_wanted;
  const std::size_t m_threads_wanted;
  std::atomic<bool> m_stop = false;
  mutable std::mutex m_mutex;
  std::condition_variable m_has_jobs;
  std::condition_variable m_has_room;
  std::condition_variable m_has_results;
  std::deque<Numbered> m_jobs; ///< not begun
  std::deque<Slot> m_slots;    ///< from the first that was not told to the last that was named
  std::size_t m_waiting = 0;   ///< results in all slots
  std::uint64_t m_first = 0;   ///< number of the first slot
  bool m_all_named = false;
  std::exception_ptr m_error;
  Totals m_totals;
  std::vector<std::jthread> m_threads;
};

} // namespace caplet
