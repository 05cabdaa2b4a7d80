#pragma once

#include <cstdint>
#include <functional>

namespace caplet {

/// Told how far long work has come: `done` of `total` steps. May be empty.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Counts the steps of long work, and tells of some of them only: telling costs more than a step.
class Steps {
public:
  Steps(const Progress& progress, std::uint64_t total) : m_progress(progress), m_total(total) {}
  void step() {
    constexpr std::uint64_t k_tell_each = 256;
    if (++m_done % k_tell_each == 0 && m_progress) {
      m_progress(m_done, m_total);
    }
  }

private:
  const Progress& m_progress;
  std::uint64_t m_total;
  std::uint64_t m_done = 0;
};

} // namespace caplet
