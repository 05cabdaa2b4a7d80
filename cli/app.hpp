#pragma once

namespace caplet {

/// The whole program: hardens the process, parses, runs the command, prints what went wrong. The exit status.
int run(int argc, char** argv);

} // namespace caplet
