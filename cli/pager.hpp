#pragma once

#include "cli/context.hpp"

#include <string_view>

namespace caplet {

/// Prints a long text: through a pager where standard output is a terminal with fewer lines than the text has, else as
/// it is. The pager is the setting `pager`, else `PAGER`, else less where TERM is one that less can work on;
/// `--no-pager`, an empty one and `cat` mean none. Where LESS is not set, less is told to leave when all fits the
/// screen, to keep colours, and to leave the text there (FRX). A reader who quits early is no error.
void print_paged(Context& context, const Arguments& arguments, std::string_view text);

} // namespace caplet
