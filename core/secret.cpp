#include "core/secret.hpp"

#include "core/error.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

namespace caplet {
namespace {

/// A page that small secrets share, in places of 64 bytes. Threads: any.
class SharedPage {
public:
  /// Null where there is no room for as much.
  unsigned char* take(std::size_t size) noexcept {
    const std::lock_guard lock(m_mutex);
    const std::size_t count = places(size);
    if (count > k_most || (m_page == nullptr && !make())) {
      return nullptr;
    }
    for (std::size_t at = 0; at + count <= k_places; ++at) {
      const std::uint64_t wanted = mask(count) << at;
      if ((m_taken & wanted) == 0) {
        m_taken |= wanted;
        return m_page + at * k_place;
      }
    }
    return nullptr;
  }

  /// Wiped. False for what is not from here.
  bool give_back(unsigned char* data, std::size_t size) noexcept {
    const std::lock_guard lock(m_mutex);
    if (m_page == nullptr || data < m_page || data >= m_page + k_size) {
      return false;
    }
    sodium_memzero(data, size);
    m_taken &= ~(mask(places(size)) << static_cast<std::size_t>(data - m_page) / k_place);
    return true;
  }

  void wipe() noexcept {
    const std::lock_guard lock(m_mutex);
    if (m_page != nullptr) {
      sodium_memzero(m_page, k_size);
    }
  }

private:
  static constexpr std::size_t k_size = 4096;
  static constexpr std::size_t k_places = 64;
  static constexpr std::size_t k_place = k_size / k_places;
  static constexpr std::size_t k_most = 16;

  static std::size_t places(std::size_t size) { return (size + k_place - 1) / k_place; }
  static std::uint64_t mask(std::size_t count) { return (std::uint64_t{1} << count) - 1; }

  bool make() noexcept {
    m_page = static_cast<unsigned char*>(sodium_malloc(k_size));
    return m_page != nullptr;
  }

  std::mutex m_mutex;
  unsigned char* m_page = nullptr; ///< stays: the kernel takes it back with the process
  std::uint64_t m_taken = 0;       ///< a bit for each place
};

SharedPage& shared_page() {
  static SharedPage page;
  return page;
}

} // namespace

void require_sodium() {
  static const int status = sodium_init();
  if (status < 0) {
    throw Error(Errc::failed, "the cryptography library could not start",
                "it needs random bytes from the kernel (getrandom or /dev/urandom)");
  }
}

Secret::Secret(std::size_t size) {
  if (size == 0) {
    return;
  }
  require_sodium();
  m_data = shared_page().take(size);
  if (m_data == nullptr) {
    m_data = static_cast<unsigned char*>(sodium_malloc(size));
  }
  if (m_data == nullptr) {
    throw std::bad_alloc();
  }
  m_size = m_room = size;
  sodium_memzero(m_data, size);
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) { std::copy(bytes.begin(), bytes.end(), m_data); }

Secret::Secret(Secret&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)),
      m_room(std::exchange(other.m_room, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(m_data, other.m_data);
  std::swap(m_size, other.m_size);
  std::swap(m_room, other.m_room);
  return *this;
}

Secret::~Secret() {
  if (m_data != nullptr && !shared_page().give_back(m_data, m_room)) {
    sodium_free(m_data); // wipes first
  }
}

void Secret::truncate(std::size_t size) noexcept {
  sodium_memzero(m_data + size, m_size - size);
  m_size = size;
}

void wipe_small_secrets() noexcept { shared_page().wipe(); }

void wipe(std::span<unsigned char> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

void wipe(std::string& text) noexcept {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

bool same_bytes(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace caplet
