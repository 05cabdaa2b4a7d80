#pragma once

#include "core/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// What a function may be given of the environment. Neither its owner nor its caller can set what changes how programs
/// are loaded or shells and interpreters begin (LD_*, BASH_ENV, PYTHON*, GLIBC_TUNABLES and the like), nor CAPLET_*.
/// Throws Error{usage}.
void check_variable_name(std::string_view name);
/// The same for one that the caller gives the value of: PATH and HOME are the owner's to say.
void check_passed_name(std::string_view name);

/// `NAME=VALUE`, checked. Throws Error{usage}.
void check_assignment(std::string_view assignment);

/// The environment of a function: PATH, HOME, USER, LOGNAME and SHELL of the user who runs it, from the user database
/// and not from the caller; LANG, LC_* and TZ of the caller where they are plain words; then the variables that are to
/// be passed, the owner's own, and caplet's, each over those before. `assigned` and `own`: `NAME=VALUE`.
std::vector<std::string> clean_environment(const Environment& caller, const std::vector<std::string>& passed,
                                           const std::vector<std::string>& assigned,
                                           const std::vector<std::string>& own);

} // namespace caplet
