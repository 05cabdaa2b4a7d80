#include "cli/suggest.hpp"

#include <algorithm>
#include <cstddef>

namespace caplet {
namespace {

constexpr std::size_t k_longest = 40;

/// Optimal string alignment distance (Damerau-Levenshtein without moves across an edit).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    d[i][0] = i;
  }
  for (std::size_t j = 0; j <= b.size(); ++j) {
    d[0][j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

} // namespace

std::string_view closest(std::string_view typed, const std::vector<std::string_view>& words) {
  std::string_view best;
  if (typed.empty() || typed.size() > k_longest) {
    return best;
  }
  constexpr std::size_t k_prefix = 2; // so much typed, and no more: as good as one slip
  std::size_t least = std::max<std::size_t>(1, typed.size() / 3) + 1;
  for (const std::string_view word : words) {
    const bool is_begun = typed.size() >= k_prefix && word.starts_with(typed) && word != typed;
    if (const std::size_t d = is_begun ? 1 : distance(typed, word); d < least) {
      least = d;
      best = word;
    }
  }
  return best;
}

} // namespace caplet
