#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace caplet {

/// What failed. Ordinary answers (a verdict, an empty list) are values, not errors.
enum class Errc : std::uint8_t {
  failed,       ///< the work was understood and could not be done
  output,       ///< standard output could not be written
  exists,       ///< a name that is taken
  denied,       ///< the actor may not do this
  refused,      ///< a definite no (a bad checksum, a verdict that is not `valid`)
  usage,        ///< a bad option, argument or value
  undecided,    ///< the question could not be answered
  cancelled,    ///< the person said no at a prompt
  rejected,     ///< the credential of the caller is not valid
  not_found,    ///< no token by that id or name
  ambiguous,    ///< more than one token fits
  busy,         ///< another process holds the store
  missing,      ///< there is no store
  unavailable,  ///< the store cannot be reached (permissions, read-only, I/O error)
  full,         ///< the disk is full
  unsafe,       ///< a file or directory that others could read or change
  locked,       ///< no key at hand opens the store
  damaged,      ///< the store or key is damaged, tampered with, or not ours
  newer_format, ///< made by a newer caplet
};

/// One row for each Errc: its stable name, its exit status and what it means. The exit status, `caplet help
/// exit-codes` and the man page all come from this table. Numbers are never reused.
struct ErrcInfo {
  Errc code;
  std::string_view name;
  int exit_status;
  std::string_view sentence;
};

std::span<const ErrcInfo> errc_table() noexcept;
const ErrcInfo& errc_info(Errc code) noexcept;

/// The one exception type. `what()` is a message in lower case without a full stop; `hint()` says what to do next and
/// may be empty. Neither ever holds a secret.
class Error : public std::runtime_error {
public:
  Error(Errc code, const std::string& message, std::string hint = {})
      : std::runtime_error(message), m_code(code), m_hint(std::move(hint)) {}

  Errc code() const noexcept { return m_code; }
  const std::string& hint() const noexcept { return m_hint; }

private:
  Errc m_code;
  std::string m_hint;
};

} // namespace caplet
