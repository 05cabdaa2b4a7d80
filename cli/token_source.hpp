#pragma once

#include "cli/context.hpp"
#include "core/secret.hpp"

#include <optional>
#include <string>

namespace caplet {

/// A token, and where it comes from.
struct SourcedToken {
  Secret token;
  std::string source; ///< for a person: `--token`, `CAPLET_TOKEN`, `the login "default"`
  bool is_login = false;
};

/// The token that a command is about (`verify`, `token inspect`): `--token`, `--token-file`, `--token-fd`,
/// `CAPLET_TOKEN`, the file of `CAPLET_TOKEN_FILE`, `caplet.token` in `CREDENTIALS_DIRECTORY` (systemd), in this order.
/// One trailing newline is taken off. Throws Error{usage} for two options at once, none at all, an empty token, more
/// than one line, or a source that cannot be read.
Secret given_token(Context& context, const Arguments& arguments);

/// The variable by which the environment says that a token acts, or which login does; empty where none does.
std::string_view acting_variable(const Environment& environment);

/// The token as which a command acts; nothing for the owner. The same sources, and after them the stored login of the
/// profile. Throws Error{rejected} for a profile that was asked for and has none.
std::optional<Secret> acting_token(Context& context, const Arguments& arguments);
std::optional<SourcedToken> find_acting_token(Context& context, const Arguments& arguments);

/// The same for a look in passing, as completion takes: it waits for nobody, tells nobody anything, and leaves what can
/// be read but once to the command. Throws Error{usage} for standard input, a descriptor and what is no plain file, and
/// as Config does, whose profile counts. `authority`: over the store where the logins are.
std::optional<SourcedToken> acting_token_in_passing(Context& context, const Arguments& arguments, Authority& authority);

/// `--profile`, `CAPLET_PROFILE`, the setting `profile`, or the default one. Throws as Config does.
std::string profile_of(Context& context, const Arguments& arguments);

} // namespace caplet
