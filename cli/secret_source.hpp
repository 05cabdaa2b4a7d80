#pragma once

#include "core/secret.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// Where secrets come from outside: a line, of which one newline at the end is dropped. In all of these `what` names
/// the secret ("token") and `source` or `option` where it came from. Throws Error{usage} for what is empty, longer than
/// 8 KiB, of more than one line, or cannot be read.

Secret checked_secret(Secret secret, std::string_view what, std::string_view source);
Secret secret_from_input(std::string_view what);
Secret secret_from_file(const std::string& path, std::string_view what, std::string_view option);
/// `number`: of an open descriptor.
Secret secret_from_descriptor(const std::string& number, std::string_view what, std::string_view option);

} // namespace caplet
