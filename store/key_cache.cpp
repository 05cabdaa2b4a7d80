#include "store/key_cache.hpp"

#include "core/error.hpp"
#include "store/seal.hpp"

#include <fmt/format.h>
#include <keyutils.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace caplet {
namespace {

constexpr key_serial_t k_ring = KEY_SPEC_USER_KEYRING; // of the user, not of one login session

std::string description(const StoreId& store) { return "caplet:" + to_hex(store); }

key_serial_t find(const StoreId& store) {
  return static_cast<key_serial_t>(::keyctl_search(k_ring, "user", description(store).c_str(), 0));
}

} // namespace

std::optional<Secret> cached_store_key(const StoreId& store) {
  const key_serial_t key = find(store);
  if (key < 0) {
    return std::nullopt;
  }
  Secret store_key(k_key_size);
  auto* const data = reinterpret_cast<char*>(store_key.data().data());
  if (::keyctl_read(key, data, k_key_size) != static_cast<long>(k_key_size)) {
    return std::nullopt;
  }
  return store_key;
}

void cache_store_key(const StoreId& store, ByteView store_key, std::chrono::seconds time) {
  const auto fail = [](std::string_view what) {
    throw Error(Errc::unavailable,
                fmt::format("the kernel's keyring cannot keep the key: {}: {}", what, std::strerror(errno)),
                "there is none in many containers: give the passphrase each time, or with --passphrase-file");
  };
  forget_store_key(store); // an update would keep an older time
  const key_serial_t key = ::add_key("user", description(store).c_str(), store_key.data(), store_key.size(), k_ring);
  if (key < 0) {
    fail("add_key");
  }
  // A process in another session holds the key by its user alone, not by possession.
  constexpr key_perm_t k_ours = KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_READ | KEY_USR_SEARCH | KEY_USR_WRITE;
  if (::keyctl_setperm(key, k_ours) != 0 || ::keyctl_set_timeout(key, static_cast<unsigned>(time.count())) != 0) {
    const int error = errno;
    forget_store_key(store); // without its time it must not stay
    errno = error;
    fail("keyctl");
  }
}

bool forget_store_key(const StoreId& store) {
  const key_serial_t key = find(store);
  return key >= 0 && (::keyctl_invalidate(key) == 0 || ::keyctl_unlink(key, k_ring) == 0);
}

} // namespace caplet
