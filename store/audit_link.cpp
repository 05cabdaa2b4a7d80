#include "store/audit_link.hpp"

#include "store/codec.hpp"
#include "store/record_codec.hpp"

#include <sodium.h>

namespace caplet {

Digest link_of(const StoreId& store, std::uint64_t seq, const Digest& before, ByteView content) {
  Parts parts;
  parts.text("caplet/link/v2").bytes(store).number(seq).bytes(before).bytes(content);
  Digest link{};
  static_assert(std::tuple_size_v<Digest> == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(link.data(), parts.view().data(), parts.view().size());
  return link;
}

Digest link_of(const StoreId& store, const Event& event, const Digest& before) {
  FieldWriter content;
  encode(content, event);
  return link_of(store, event.seq, before, content.view());
}

} // namespace caplet
