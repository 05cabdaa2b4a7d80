#pragma once

#include "core/authority.hpp"
#include "core/token.hpp"

#include <optional>

namespace caplet {

/// What the parts of a rotation have in common (authority_rotate.cpp, authority_handover.cpp).

/// Until when the old secret stays good; nothing where it is to die at once.
std::optional<Instant> grace_end_of(const Rotation& rotation, Instant now);
/// Notes a secret of a token as dead.
void retire(Token& token, const Digest& digest);
/// Whether the secret before is still good.
bool has_open_grace(const Token& token, Instant now);
/// Whether a secret is the token's, or the one before it in its grace.
bool is_good(const Token& token, const Digest& digest, Instant now);

} // namespace caplet
