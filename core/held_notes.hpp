#pragma once

#include "core/event.hpp"
#include "core/verdict.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace caplet {

/// What many verdicts leave to be written, held back so that it costs one transaction: last uses, one for each token,
/// and refused attempts, one for each kind and how often it was seen. What is held when the process is killed is lost,
/// as it would be where the store is busy: none of it decides what is valid.
class HeldNotes {
public:
  /// A last use. `scopes_asked` as in Verdict.
  struct Use {
    Instant at;
    std::uint64_t scopes_asked = 0;
  };
  struct Refusal {
    Event event; ///< the first of its kind
    std::uint64_t times = 0;
  };

  bool empty() const noexcept { return m_uses.empty() && m_refusals.empty(); }
  /// Whether it holds so much that it has to be written: memory is not to grow with the number of verdicts.
  bool full() const noexcept { return m_uses.size() >= k_most_uses || m_refusals.size() >= k_most_refusals; }
  void clear() noexcept;

  void use(const Verdict& verdict, Instant now);
  void refusal(const Event& event);

  const std::unordered_map<std::string, Use>& uses() const noexcept { return m_uses; }
  const std::vector<Refusal>& refusals() const noexcept { return m_refusals; }

private:
  static constexpr std::size_t k_most_uses = 4096;
  static constexpr std::size_t k_most_refusals = 64;

  std::unordered_map<std::string, Use> m_uses; ///< by id
  std::vector<Refusal> m_refusals;
};

} // namespace caplet
