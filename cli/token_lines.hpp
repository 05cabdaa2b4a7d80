#pragma once

#include "cli/line_reader.hpp"
#include "core/error.hpp"
#include "core/token_request.hpp"

#include <optional>
#include <string_view>

namespace caplet {

/// What one line of JSON asks for: an object with the keys name, description, expires, scopes, functions, not_before,
/// uses, networks, audiences, expires_unused, meta and format, with the values that the options of `token create` take
/// (scopes, functions, networks and audiences as lists, uses as a number, meta as an object of texts). Read strictly:
/// no other key, none twice, no other kind of value, nothing around it. Throws Error{usage}.
TokenRequest token_request_from_json(std::string_view line, Instant now);

/// Requests for tokens, one a line, one in memory at a time. A line with nothing but blanks is passed over.
class TokenLines {
public:
  TokenLines(int fd, Instant now) : m_lines(fd), m_now(now) {}

  /// Nothing at the end. Throws Error{usage} that names the line.
  std::optional<TokenRequest> next();
  /// The same error, said of the line that next() gave last.
  Error at_line(const Error& error) const;
  /// Bytes that were read, to tell how far this has come.
  std::uint64_t bytes() const noexcept { return m_lines.bytes(); }

private:
  LineReader m_lines;
  Instant m_now;
};

} // namespace caplet
