#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace caplet {

/// Reads an environment variable; nothing where it is not set or empty, but for CAPLET_TOKEN and
/// CAPLET_TOKEN_FILE, which say when they are empty.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

} // namespace caplet
