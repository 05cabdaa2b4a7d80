#pragma once

#include "cli/context.hpp"
#include "core/progress.hpp"

#include <chrono>
#include <string>

namespace caplet {

/// How far long work has come, on standard error: where that is a terminal, from half a second on, gone at the end.
class ProgressBar {
public:
  /// `work` in a word or two: "Checking".
  ProgressBar(Context& context, std::string work);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

  /// What the work tells it. REQUIRES: the bar outlives it.
  Progress progress();
  /// Off the screen, so that something else can be written there; the next progress shows it again.
  void hide();

private:
  void show(std::uint64_t done, std::uint64_t total);

  Context& m_context;
  std::string m_work;
  std::chrono::steady_clock::time_point m_next;
  bool m_shown = false;
};

} // namespace caplet
