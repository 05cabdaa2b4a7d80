#pragma once

#include "core/secret.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// Asks at the terminal of this process (/dev/tty) for something that is not to be seen: nothing is echoed, and the
/// question is erased afterwards. An answer ends with Enter; Backspace and Ctrl-U edit it; Ctrl-D on an empty line is
/// an empty answer. Ctrl-C ends the process as SIGINT does, with the terminal as it was. Throws Error{usage} where
/// there is no terminal, Error{cancelled} where it goes away.
Secret ask_secret(std::string_view question);

/// Asks at the terminal for a line that may be seen. Throws the same.
std::string ask_line(std::string_view question);

} // namespace caplet
