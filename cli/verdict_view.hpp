#pragma once

#include "core/verdict.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace caplet {

/// A verdict in machine formats: valid, reason, detail, and the keys of a token, which are null where it is not known.
/// The same keys whatever the answer, so that a script may ask for any of them. Only ever added to.
void write_json(std::string& out, const Verdict& verdict, std::string_view account_name, Instant now);
nlohmann::ordered_json to_json(const Verdict& verdict, std::string_view account_name, Instant now);

} // namespace caplet
