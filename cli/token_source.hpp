#pragma once

#include "cli/context.hpp"
#include "core/secret.hpp"

#include <optional>

namespace caplet {

/// The token that a command is about (`verify`, `token inspect`): `--token`, `--token-file`, `--token-fd`,
/// `CAPLET_TOKEN`, in this order. One trailing newline is taken off. Throws Error{usage} for two options at once, none
/// at all, an empty token, more than one line, or a source that cannot be read.
Secret given_token(Context& context, const Arguments& arguments);

/// The token as which a command acts; nothing for the owner. The same sources.
std::optional<Secret> acting_token(Context& context, const Arguments& arguments);

} // namespace caplet
