#pragma once

#include "cli/context.hpp"

namespace caplet {

/// `token create --from`: a token for each line of JSON (token_lines.hpp), in one transaction, and a line of JSON with
/// its record and its `token` for each, in their order. What stops it at any point, a reader who goes away included,
/// leaves nothing made; so lines that were read from it count only once it has ended well. A file that is asked for
/// with --out is there only then. Memory does not grow with the number of lines. The exit status.
int provision(Context& context, const Arguments& arguments);

} // namespace caplet
