#pragma once

#include "cli/context.hpp"
#include "core/verdict.hpp"

namespace caplet {

/// `verify --batch`: a token a line on standard input, a line of JSON for each, in their order, in memory that does not
/// grow with their number. Whatever a line is, it has an answer: one that is too long is cut, and no token. Where the
/// input pauses, what was asked until then is answered, so that another program can hold a conversation with it. Last
/// uses and refusals are written every few seconds and at the end. The exit status: 0 where all were valid, else 1.
int verify_batch(Context& context, const Arguments& arguments, const Presented& presented);

} // namespace caplet
