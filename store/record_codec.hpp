#pragma once

#include "core/denial.hpp"
#include "core/event.hpp"
#include "core/jwk.hpp"
#include "core/policy.hpp"
#include "core/secret.hpp"
#include "core/token.hpp"
#include "store/codec.hpp"

#include <string>
#include <string_view>

namespace caplet {

/// The content of each kind of record, as FORMAT.md lists it. The id is not part of it: it stands beside the sealed
/// content and is authenticated with it. All decode functions throw Error{damaged}.

void encode(FieldWriter& out, const Token& token);
Token decode_token(std::string_view id, ByteView content);
/// The same into a token in its place. REQUIRES: nothing is set in it.
void decode(Token& token, std::string_view id, ByteView content);

void encode(FieldWriter& out, const Account& account);
Account decode_account(std::string_view id, ByteView content);

/// The store's keys that outlive a rekey, in one piece of locked memory.
class Keyring {
public:
  static Keyring draw();
  /// A keyring of format 1 has a token key alone: the seed is drawn.
  static Keyring with_token_key(ByteView token_key);

  ByteView token_key() const noexcept { return m_keys.view().first(k_size); }      ///< of Store::token_digest()
  ByteView signing_seed() const noexcept { return m_keys.view().subspan(k_size); } ///< Ed25519, signs the audit log

private:
  friend Keyring decode_keyring(ByteView content);
  static constexpr std::size_t k_size = 32;
  Secret m_keys{2 * k_size};
};

void encode(FieldWriter& out, const Keyring& keyring);
Keyring decode_keyring(ByteView content);

/// Field n is the n-th: its event, and in that the count as `repeats`.
void encode(FieldWriter& out, const Denials& denials);
Denials decode_denials(ByteView content);

void encode(FieldWriter& out, const Policy& policy);
Policy decode_policy(ByteView content);

/// A key that signs JWTs; `seed` is empty for one that was retired.
void encode(FieldWriter& out, const SigningKey& key, ByteView seed);
SigningKey decode_signing_key(std::string_view kid, ByteView content);
Secret decode_signing_seed(ByteView content);

void encode(FieldWriter& out, const Event& event);
/// With another salt than its own.
void encode(FieldWriter& out, const Event& event, ByteView salt);
Event decode_event(ByteView content);

} // namespace caplet
