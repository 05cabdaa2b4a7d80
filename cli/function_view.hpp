#pragma once

#include "core/function.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace caplet {

/// The keys of a function in machine formats, in their order. Only ever added to.
nlohmann::ordered_json to_json(const Function& function);

/// `12 bytes`, `1.5 MiB`.
std::string size_text(std::uint64_t bytes);

/// A number of bytes: `4096`, `64K`, `10M`, `1G` (powers of 1024). Throws Error{usage}; `option` is named in it.
std::uint64_t size_from(std::string_view text, std::string_view option);

/// 64 hexadecimal digits, in either case. Throws Error{usage}; `option` is named in it.
Digest digest_from(std::string text, std::string_view option);

} // namespace caplet
