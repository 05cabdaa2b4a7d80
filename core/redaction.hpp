#pragma once

#include <string>
#include <string_view>

namespace caplet {

/// Whether a token of either format, whole or cut within its secret (a JWT: within its signature), stands in a text.
bool holds_token(std::string_view text) noexcept;

/// The text with the secret of each token in it, each JWT, and each run of characters that looks drawn at random, as
/// `***`. For messages that repeat what somebody typed: a token pasted in the wrong place, mistyped or cut, must not
/// come out of them.
std::string redact_tokens(std::string_view text);

} // namespace caplet
