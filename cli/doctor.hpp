#pragma once

#include "cli/context.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace caplet {

/// What `caplet doctor` has looked at, and what there is to say, the worst first.
struct Diagnosis {
  /// What is wrong or unsafe; what should be looked at; what is worth knowing, and is no reason to fail.
  enum class Level : std::uint8_t { problem, advice, note };

  struct Finding {
    struct Named {
      std::string id;
      std::string name;
      std::vector<std::string> scopes = {}; ///< that it is about; none where it is about the token
    };
    Level level = Level::problem;
    std::string check; ///< for programs: `token-endless`
    std::string what;  ///< a sentence, escaped
    std::string remedy;
    std::vector<Named> tokens = {}; ///< the first k_most_named that it is about
    std::uint64_t count = 0;        ///< how many tokens it is about
  };
  static constexpr std::size_t k_most_named = 100;

  std::uint64_t files = 0;
  std::uint64_t tokens = 0;
  bool opened = false; ///< whether the store could be opened at all
  std::vector<Finding> findings;
};

std::string_view to_string(Diagnosis::Level level) noexcept;

/// Looks at the files of the store, and then into it as far as it can be opened. Throws Error{missing} where there is
/// none, Error{denied} where a token asks.
Diagnosis diagnose(Context& context);

} // namespace caplet
