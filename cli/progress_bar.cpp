#include "cli/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caplet {
namespace {

using namespace std::chrono_literals;

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

} // namespace

ProgressBar::ProgressBar(Context& context, std::string work)
    : m_context(context), m_work(std::move(work)), m_next(std::chrono::steady_clock::now() + 500ms) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::hide() {
  if (std::exchange(m_shown, false)) {
    m_context.err().write("\r\x1b[K");
    m_context.err().flush();
  }
}

Progress ProgressBar::progress() {
  if (!m_context.err().is_terminal()) {
    return {};
  }
  return [this](std::uint64_t done, std::uint64_t total) { show(done, total); };
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
  constexpr std::size_t k_columns_of_bar = 30;
  const auto now = std::chrono::steady_clock::now();
  if (now < m_next || total == 0) {
    return;
  }
  m_next = now + 100ms;
  m_shown = true;
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const std::size_t width = terminal_width(m_context.err()).value_or(80);
  const std::size_t words = m_work.size() + 10;
  const std::size_t bar = width > words + 4 ? std::min(k_columns_of_bar, width - words) : 0;
  const auto full = static_cast<std::size_t>(part * static_cast<double>(bar));
  const bool utf8 = m_context.utf8();
  m_context.err().write(fmt::format("\r{} {}{} {:3.0f} %\x1b[K", m_work, repeated(utf8 ? "█" : "#", full),
                                    repeated(utf8 ? "░" : ".", bar - full), part * 100));
  m_context.err().flush();
}

} // namespace caplet
