#pragma once

#include "cli/command.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace caplet {

/// What a value is, for those who complete it.
enum class ValueKind : std::uint8_t {
  text,      ///< whatever a person thinks of
  words,     ///< one of the row's words
  file,      ///< the shell knows best
  directory, ///< likewise
  token,     ///< id or name of a token
  secret,    ///< a token string: never completed, but for `-`
  function,  ///< id or name of a function
  scope,     ///< a scope, best one in use
  duration,  ///< 12h
  time,      ///< 12h, 2027-01-31
  expiry,    ///< likewise, or never
  field,     ///< a key of a token in JSON
  command,   ///< a command of another program, and the rest of the line its own
  topic,     ///< what `help` knows
  key,       ///< a key of config.toml
  setting,   ///< what such a key, the word before, may be set to
  profile,   ///< a login that is kept
  slot,      ///< id of a key slot
  rule,      ///< a rule of the store's policy
};

/// What the values of options and positionals are called in the table, and so what they are.
struct Label {
  std::string_view name;
  ValueKind kind;
};

std::span<const Label> labels();

ValueKind kind_of(const Option& option);
ValueKind kind_of(const Positional& positional);

/// Whether what it takes is the command line of another program, behind `--`.
bool runs_another(const Command& command);

} // namespace caplet
