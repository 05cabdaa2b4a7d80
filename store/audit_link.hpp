#pragma once

#include "core/event.hpp"
#include "store/place.hpp"

#include <cstddef>
#include <cstdint>

namespace caplet {

/// How events are linked: SHA-256 over the store, the event's number, the link before and the event's content, in which
/// 16 random bytes keep anybody from trying contents against it. It does not depend on any key: it stays through a
/// rekey, and whoever is shown the content can follow the chain (`caplet audit export`).
inline constexpr std::size_t k_event_salt_size = 16;

/// The link of an event. REQUIRES: encode() of it gave `content`.
Digest link_of(const StoreId& store, std::uint64_t seq, const Digest& before, ByteView content);
/// The same for an event that came from outside, in an export.
Digest link_of(const StoreId& store, const Event& event, const Digest& before);

} // namespace caplet
