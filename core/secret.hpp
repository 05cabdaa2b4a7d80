#pragma once

#include "core/bytes.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace caplet {

/// Initialises libsodium once; throws Error{failed} where it cannot. Called by Secret and by everything that draws
/// random bytes, so no caller needs to remember it.
void require_sodium();

/// Bytes that must not leak: a token string, a key. Move-only, on `sodium_malloc` memory (between guard pages, locked
/// where the system allows, out of core dumps), wiped when it dies. Those of up to 1 KiB share a page of it as long as
/// it has room: to make one for each took longer than all else that most commands do with their store. It cannot be
/// printed or formatted: whoever wants the bytes says `view()` or `text()`, which are easy to search for. Threads: like
/// a std::vector.
class Secret {
public:
  Secret() noexcept = default;
  /// `size` zero bytes. Throws std::bad_alloc.
  explicit Secret(std::size_t size);
  /// A copy of `bytes`; the caller wipes the source.
  explicit Secret(ByteView bytes);
  explicit Secret(std::string_view text) : Secret(as_bytes(text)) {}

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  bool empty() const noexcept { return m_size == 0; }
  std::size_t size() const noexcept { return m_size; }
  ByteView view() const noexcept { return {m_data, m_size}; }
  std::span<unsigned char> data() noexcept { return {m_data, m_size}; }
  std::string_view text() const noexcept { return as_text(view()); }
  /// Drops what is behind `size` (wiped). REQUIRES: size <= this->size().
  void truncate(std::size_t size) noexcept;

private:
  unsigned char* m_data = nullptr;
  std::size_t m_size = 0;
  std::size_t m_room = 0; ///< what was allocated
};

/// Wipes all small secrets: for a process that ends without destroying them.
void wipe_small_secrets() noexcept;

/// Overwrites memory that is about to be given back, in a way that is not optimised out.
void wipe(std::span<unsigned char> bytes) noexcept;
void wipe(std::string& text) noexcept;

/// Equality in time that depends on the length only.
bool same_bytes(ByteView a, ByteView b) noexcept;

} // namespace caplet
