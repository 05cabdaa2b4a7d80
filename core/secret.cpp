#include "core/secret.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>
#include <utility>

namespace caplet {

void require_sodium() {
  static const int status = sodium_init();
  if (status < 0) {
    throw Error(Errc::failed, "the cryptography library could not start",
                "it needs random bytes from the kernel (getrandom or /dev/urandom)");
  }
}

Secret::Secret(std::size_t size) : m_size(size) {
  if (size == 0) {
    return;
  }
  require_sodium();
  m_data = static_cast<unsigned char*>(sodium_malloc(size));
  if (m_data == nullptr) {
    m_size = 0;
    throw std::bad_alloc();
  }
  sodium_memzero(m_data, size);
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) { std::copy(bytes.begin(), bytes.end(), m_data); }

Secret::Secret(Secret&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(m_data, other.m_data);
  std::swap(m_size, other.m_size);
  return *this;
}

Secret::~Secret() { sodium_free(m_data); } // wipes first; takes null

void Secret::truncate(std::size_t size) noexcept {
  sodium_memzero(m_data + size, m_size - size);
  m_size = size;
}

void wipe(std::span<unsigned char> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

void wipe(std::string& text) noexcept {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

bool same_bytes(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace caplet
