#pragma once

#include "store/files.hpp"

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace caplet {

/// One of a child's output streams on its way to where it belongs, byte for byte: out of a pipe into a descriptor of
/// ours, by splice(2) where the kernel can, so that large output is not even copied. Nothing here waits: who has
/// something else to watch (a signal, a deadline) polls for what `events()` wants and then calls move().
class OutputStream {
public:
  enum class State : std::uint8_t {
    open,      ///< there may be more
    ended,     ///< all writers have closed it and all has been written
    no_reader, ///< nobody reads it any more (EPIPE): its writers will notice
    too_long,  ///< there is more than it may have; the first `most` bytes have been written
    failed     ///< it could not be written; see error()
  };

  /// `into` is not closed, and not made non-blocking: others may share it. Throws Error{failed} where there is no pipe.
  OutputStream(int into, std::uint64_t most);

  /// The end that the child writes to; the parent closes it after the fork.
  int writing_end() const noexcept { return m_to.get(); }
  void close_writing_end() noexcept { m_to = Fd(); }

  /// What poll(2) should wait for now: the source, or where it goes.
  pollfd events() const noexcept;
  /// Whether it waits for its reader.
  bool is_blocked() const noexcept { return m_blocked; }
  /// Moves what can be moved without waiting, a few pipes full at a time.
  State move();

  State state() const noexcept { return m_state; }
  int error() const noexcept { return m_error; }
  std::uint64_t moved() const noexcept { return m_moved; }

private:
  enum class Way : std::uint8_t { splice, send, write, write_little };

  void choose_way();
  /// Bytes that went on, 0 at the end, -1 with errno.
  ssize_t pass(std::size_t most);
  ssize_t fill_and_write(std::size_t most);
  ssize_t write_some();
  bool source_is_ready() const noexcept;
  State fail(int error) noexcept;
  State stop(State state) noexcept;

  Fd m_from, m_to;
  int m_into;
  Fd m_own; ///< the same file opened anew, where only that makes it non-blocking
  Way m_way = Way::splice;
  std::uint64_t m_most;
  std::uint64_t m_moved = 0;
  bool m_blocked = false;
  State m_state = State::open;
  int m_error = 0;
  std::unique_ptr<char[]> m_buffer; ///< of k_buffer_size, not touched before there is something to keep
  std::size_t m_done = 0;           ///< what lies between here
  std::size_t m_filled = 0;         ///< and here was read and not yet written
};

} // namespace caplet
