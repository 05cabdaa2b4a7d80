#pragma once

#include "core/clock.hpp"
#include "core/secret.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// A token that `login` keeps, sealed in the store, so that commands act as it without being given it.
struct Credential {
  std::string id;      ///< 12 base62 digits
  std::string profile; ///< check_name(); one credential for each
  Secret token;
  Instant kept_at;
};

inline constexpr std::string_view k_default_profile = "default";

} // namespace caplet
