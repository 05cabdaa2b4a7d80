#pragma once

#include <csignal>

namespace caplet {

/// What a program that stands in front of another one passes on to it: every signal that somebody may send it and that
/// can be caught. Not those of its own faults and limits, of its children and of job control, and none that it was told
/// to ignore (nohup, a job in a script's background).
sigset_t forwarded_signals() noexcept;

/// Whether one of those asks for an end.
bool asks_to_end(int signal) noexcept;

} // namespace caplet
