#include "cli/scan/scan_pool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

namespace caplet {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most_slots = 8192;
constexpr std::size_t k_most_results = 4;    ///< of a file, that were not told yet
constexpr std::size_t k_most_waiting = 1024; ///< of all files but the one that is told next
constexpr std::size_t k_most_at_once = 32;

/// The file of a job, or a descriptor that is not open and errno; 0 for what is to be passed over.
Fd open_file(const ScanPool::Job& job) {
  if (!job.beneath) {
    if (job.shown == "-") {
      return Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    }
    return Fd(uninterrupted([&] { return ::open(job.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); }));
  }
  Fd file = job.beneath->open(job.path);
  struct stat status {};
  if (!file.is_open()) { // vanished, or another kind of thing now: a link, a socket
    errno = errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO ? 0 : errno;
  } else if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    file = Fd();
    errno = 0;
  }
  return file;
}

} // namespace

ScanPool::ScanPool(const Wanted& wanted, unsigned threads, std::function<void(ScanPool&)> name)
    : m_wanted(wanted), m_threads_wanted(std::max(1U, threads)) {
  m_threads.emplace_back([this, name = std::move(name)] {
    guarded([&] { name(*this); });
    const std::lock_guard lock(m_mutex);
    m_all_named = true;
    m_has_jobs.notify_all();
    m_has_results.notify_all();
  });
  for (std::size_t i = 0; i < m_threads_wanted && !m_stop; ++i) {
    try {
      m_threads.emplace_back([this] { guarded([this] { work(); }); });
    } catch (const std::system_error&) { // no more threads for this user: fewer will do, if there is one
      if (i == 0) {
        guarded([] { throw; });
      }
      break;
    }
  }
}

ScanPool::~ScanPool() {
  {
    const std::lock_guard lock(m_mutex);
    m_stop = true;
  }
  m_has_jobs.notify_all();
  m_has_room.notify_all();
}

template <typename Work>
void ScanPool::guarded(const Work& work) noexcept {
  try {
    work();
  } catch (...) {
    const std::lock_guard lock(m_mutex);
    m_error = std::current_exception();
    m_stop = true;
    m_has_jobs.notify_all();
    m_has_room.notify_all();
    m_has_results.notify_all();
  }
}

bool ScanPool::open_slot(std::unique_lock<std::mutex>& lock) {
  m_has_room.wait(lock, [&] { return m_stop || m_slots.size() < k_most_slots; });
  if (m_stop) {
    return false;
  }
  m_slots.emplace_back();
  return true;
}

bool ScanPool::add(Job job) {
  std::unique_lock lock(m_mutex);
  if (!open_slot(lock)) {
    return false;
  }
  m_jobs.push_back({m_first + m_slots.size() - 1, std::move(job)});
  m_has_jobs.notify_one();
  return true;
}

bool ScanPool::tell(Result result) {
  std::unique_lock lock(m_mutex);
  if (!open_slot(lock)) {
    return false;
  }
  m_slots.back().results.push_back(std::move(result));
  ++m_waiting;
  m_slots.back().done = true;
  m_has_results.notify_one();
  return true;
}

std::vector<ScanPool::Numbered> ScanPool::take() {
  std::unique_lock lock(m_mutex);
  m_has_jobs.wait(lock, [&] { return m_stop || !m_jobs.empty() || m_all_named; });
  std::vector<Numbered> taken;
  if (m_stop) {
    return taken;
  }
  // Some at a time where there are many; where few are left, everybody gets one.
  const std::size_t share = std::clamp(m_jobs.size() / (2 * m_threads_wanted), std::size_t{1}, k_most_at_once);
  for (std::size_t i = 0; i < share && !m_jobs.empty(); ++i) {
    taken.push_back(std::move(m_jobs.front()));
    m_jobs.pop_front();
  }
  return taken;
}

void ScanPool::work() {
  FileScan scanning(m_wanted, m_stop);
  for (auto taken = take(); !taken.empty(); taken = take()) {
    for (const Numbered& each : taken) {
      scan(scanning, each);
    }
  }
}

void ScanPool::scan(FileScan& scanning, const Numbered& each) {
  const Job& job = each.job;
  FileOutcome outcome;
  if (const Fd file = open_file(job); file.is_open()) {
    outcome = scanning.scan(file.get(), job.largest_binary, [&](FoundTokens&& findings) {
      if (!findings.empty()) {
        post(each.number, {job.shown, std::move(findings), {}, {}});
      }
    });
  } else if (errno != 0) {
    outcome.problem = std::strerror(errno);
  }
  if (!outcome.problem.empty()) {
    post(each.number, {job.shown, {}, outcome.problem, {}});
  }
  close(each.number, outcome);
}

void ScanPool::post(std::uint64_t number, Result result) {
  std::unique_lock lock(m_mutex);
  // Jobs are taken in order, so the file that is told next is under way and gets room: everybody's turn comes.
  m_has_room.wait(lock, [&] {
    return m_stop ||
           (slot(number).results.size() < k_most_results && (number == m_first || m_waiting < k_most_waiting));
  });
  if (m_stop) {
    return;
  }
  slot(number).results.push_back(std::move(result));
  ++m_waiting;
  m_has_results.notify_one();
}

void ScanPool::close(std::uint64_t number, const FileOutcome& outcome) {
  const std::lock_guard lock(m_mutex);
  m_totals.files += outcome.read && !outcome.skipped ? 1 : 0;
  m_totals.skipped += outcome.skipped ? 1 : 0;
  m_totals.bytes += outcome.bytes;
  slot(number).done = true;
  if (number == m_first) {
    m_has_results.notify_one();
  }
}

std::optional<ScanPool::Result> ScanPool::next(const Progress& progress) {
  std::unique_lock lock(m_mutex);
  for (;;) {
    if (m_error) {
      std::rethrow_exception(m_error);
    }
    const std::uint64_t first = m_first;
    while (!m_slots.empty() && m_slots.front().results.empty() && m_slots.front().done) {
      m_slots.pop_front();
      ++m_first;
    }
    if (m_first != first) {
      m_has_room.notify_all();
    }
    if (m_slots.empty() ? m_all_named : !m_slots.front().results.empty()) {
      break;
    }
    m_has_results.wait_for(lock, 100ms);
    if (progress) {
      progress(m_first, m_first + m_slots.size());
    }
  }
  if (m_slots.empty()) {
    return std::nullopt;
  }
  Result result = std::move(m_slots.front().results.front());
  m_slots.front().results.pop_front();
  --m_waiting;
  m_has_room.notify_all();
  return result;
}

ScanPool::Totals ScanPool::totals() const {
  const std::lock_guard lock(m_mutex);
  return m_totals;
}

} // namespace caplet
