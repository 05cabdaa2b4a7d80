#pragma once

#include "core/token.hpp"
#include "core/verdict.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace caplet {

/// What a valid verdict changes in its token's record. Uses that are limited are counted elsewhere: exactly.

/// Bit n: the n-th scope of the token covers one of those that are asked for.
std::uint64_t scopes_asked(const Token& token, std::span<const std::string> wanted) noexcept;
/// Whether this use ends a rotation: the new secret is shown for the first time.
bool settles_rotation(const Token& token, const Verdict& verdict) noexcept;
/// Whether noting it is worth a write: it settles a rotation, asked for a scope for the first time, or the last use is
/// a minute old (or ahead of us, where the clock was wrong for a while).
bool is_worth_noting(const Token& token, const Verdict& verdict, Instant now) noexcept;
/// Notes it.
void note_use(Token& token, const Verdict& verdict, Instant now);

} // namespace caplet
