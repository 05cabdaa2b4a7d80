#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// A scope says one thing that a token may do: words joined by colons, `token:read`, `run:deploy`, `orders:read`.
/// caplet knows those that name its own work; what the others mean is between an application and its tokens.
///
///   scope = word *( ":" word )           at most 16 words and 256 characters
///   word  = 1*64( letter / digit / "_" / "-" / "." ) / "*"
///
/// In what a token was granted, `*` stands for one whole word, and a last `*` for all that follows, one word or more.
/// Letters count as written. A scope is a scope-token of RFC 6749, section 3.3.
inline constexpr std::size_t k_longest_scope = 256;
inline constexpr std::size_t k_most_scopes = 64; ///< of one token

bool is_scope(std::string_view text) noexcept;

/// Throws Error{usage} that says what is wrong.
void check_scope(std::string_view text);

/// Checks each and drops those that stand there twice. Throws Error{usage}, for more than k_most_scopes, too.
std::vector<std::string> checked_scopes(std::vector<std::string> scopes);

/// Whether whoever was granted `grant` may do `wanted`, and if that has wildcards itself, all that it stands for.
/// REQUIRES: is_scope() of both.
bool covers(std::string_view grant, std::string_view wanted) noexcept;

/// Whether one of the grants does.
bool covers(std::span<const std::string> grants, std::string_view wanted) noexcept;

} // namespace caplet
