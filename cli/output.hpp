#pragma once

#include "core/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace caplet {

/// A stream for writing, most often one of the standard ones: buffered, with every failure of the kernel's seen.
class Output {
public:
  /// What to do when it cannot be written. Words that nobody can read are no reason to fail; an answer is.
  enum class OnFailure : std::uint8_t { error, ignore };

  explicit Output(int fd, OnFailure on_failure = OnFailure::error, std::string name = "standard output")
      : m_fd(fd), m_on_failure(on_failure), m_name(std::move(name)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int fd() const noexcept { return m_fd; }
  bool is_terminal() const noexcept;

  /// Whether it could be written now, as far as that can be told without writing: it is open, and is no full device.
  /// Throws Error{output}.
  void require_writable();

  void write(std::string_view text);
  void line(std::string_view text) {
    write(text);
    write("\n");
  }
  /// Throws Error{output}, unless failures are to be ignored; a reader who has gone away (EPIPE) is BrokenPipe instead.
  /// Wipes what it has written.
  void flush();
  void discard() noexcept;

private:
  int m_fd;
  OnFailure m_on_failure;
  std::string m_name; ///< in errors
  std::string m_buffer;
};

/// The reader of standard output has gone away (`caplet token list | head -1`): not an error to speak of.
struct BrokenPipe {};

} // namespace caplet
