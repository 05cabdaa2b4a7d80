#pragma once

#include <optional>
#include <string>
#include <vector>

namespace caplet {

/// What a program that handles secrets does first: refuses to run set-uid, makes no core dumps, cannot be traced by
/// other processes of the user, creates private files only, and gets EPIPE rather than SIGPIPE. Throws Error{unsafe}.
void harden_process();

/// What harden_process() took from this process, for a child that is to have what the caller gave: the file mode mask,
/// the limit of core dumps, and what SIGPIPE does.
void restore_inherited() noexcept;

/// Fills standard descriptors that the caller closed with ones that fail, so that no file of ours gets their number.
void fill_standard_descriptors() noexcept;

/// The words of the command line. Where a word is the value of --token, or has the shape of a token, it is
/// overwritten where others can see it (ps, /proc).
std::vector<std::string> take_arguments(int argc, char** argv);

/// Reads an environment variable once and overwrites it where others can see it: for CAPLET_TOKEN. Nothing where it is
/// not set; empty where it is empty.
std::optional<std::string> take_variable(const char* name);

} // namespace caplet
