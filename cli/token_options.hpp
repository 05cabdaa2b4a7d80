#pragma once

#include "cli/command.hpp"
#include "core/authority.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace caplet {

/// What the command line says of a token that is to be made: the options of `token create`. Throws Error{usage}.
TokenRequest request_from(const Arguments& arguments, Instant now);

/// What -e says, where it is given. Throws Error{usage}.
std::optional<Ending> ending_from(const Arguments& arguments, Instant now);

/// A token is presented for: --scope, --audience, --ip, --at. Throws Error{usage}.
Presented presented_from(const Arguments& arguments);

/// `KEY=VALUE` in two; `option` is named in the error. Throws Error{usage}.
std::pair<std::string, std::string> key_and_value(const std::string& text, std::string_view option);

/// A length of time. Throws Error{usage}; `option` is named in it.
std::chrono::seconds duration_from(std::string_view text, std::string_view option);

/// `run:NAME`. Throws Error{usage}.
std::string scope_of_function(const std::string& function);

/// `opaque` or `jwt`. Throws Error{usage}; `option` is named in it.
TokenFormat token_format_from(std::string_view text, std::string_view option);

/// From when on a token is to be valid. Throws Error{usage}.
Instant start_from(std::string_view text, Instant now);

/// A number from 1 on. Throws Error{usage}; `option` is named in it.
std::uint64_t count_from(std::string_view text, std::string_view option);

/// Limits of a JWT that nobody sees who verifies it offline: `--cidr, --uses`. Empty where there are none.
std::string limits_unseen_offline(const Token& token);

} // namespace caplet
