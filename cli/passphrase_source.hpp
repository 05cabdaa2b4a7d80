#pragma once

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "core/secret.hpp"
#include "store/unlock.hpp"

namespace caplet {

/// How the store may be opened, by what the command line and the environment say: `--passphrase-file`,
/// `--passphrase-fd`, `caplet.passphrase` in CREDENTIALS_DIRECTORY (systemd), else a prompt, up to three times, where
/// standard input and standard error are terminals and `--no-input` was not given. REQUIRES: context and arguments
/// outlive it.
Unlocking unlocking_from(Context& context, const Arguments& arguments);

/// A passphrase that is to open a store from now on: from the same options, or asked for. Throws Error{usage} for one
/// that is not long_enough(), and where none is to be had.
Secret new_passphrase(Context& context, const Arguments& arguments);

/// Asks for it, twice. Throws Error{usage} where the two differ, or nobody can be asked.
Secret ask_new_passphrase(Context& context, const Arguments& arguments);

inline constexpr std::size_t k_shortest_passphrase = 8;
/// Throws Error{usage} for a passphrase of fewer bytes than k_shortest_passphrase.
Secret long_enough(Secret passphrase);

} // namespace caplet
