#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// A directory that is gone with this object.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "caplet-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      std::abort();
    }
    m_path = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(m_path); }
  const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

inline double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs both in turn, and prints the median of each and the median of the ratios pair by pair: the machine's speed
/// may drift, the ratio does not.
inline void compare(const std::string& what, const std::string& floor_name, int rounds, int per_round,
                    const std::function<void()>& ours, const std::function<void()>& floor, const std::string& target) {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> ratio;
  ours();
  floor();
  for (int i = 0; i < rounds; ++i) {
    a.push_back(seconds(ours));
    b.push_back(seconds(floor));
    ratio.push_back(a.back() / b.back());
  }
  const auto median = [](std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  fmt::print("{:<34} {:>9.2f} us   {} {:>9.2f} us   time {:.2f} x, rate {:.0f} %   (target: {})\n", what,
             median(a) / per_round * 1e6, floor_name, median(b) / per_round * 1e6, median(ratio), 100 / median(ratio),
             target);
}

} // namespace bench
