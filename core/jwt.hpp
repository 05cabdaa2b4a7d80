#pragma once

#include "core/clock.hpp"
#include "core/jwk.hpp"
#include "core/token.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace caplet {

/// What a JWT says (RFC 7519, section 4.1): the claims of Cape, and when it ends and what it may do.
struct Claims {
  std::vector<std::string> audience; ///< `aud`, always a list, at least one
  std::string issuer;                ///< `iss`, issuer_of() a store
  std::string id;                    ///< `jti`, the token's id
  std::string subject;               ///< `sub`, the id of the account
  std::chrono::sys_seconds issued_at;
  std::chrono::sys_seconds not_before;
  std::optional<std::chrono::sys_seconds> expires_at; ///< `exp`; nothing: never
  std::vector<std::string> scopes; ///< `scope`, with blanks between (RFC 8693, section 4.2); a scoped token's alone

  bool operator==(const Claims&) const = default;
};

/// A token in the JWT format, read: the header is exactly `{"alg":"EdDSA","typ":"JWT","kid":...}` (RFC 8037, section
/// 3.1), with no other parameter. Nothing of it is to be believed before signature_fits().
struct Jwt {
  std::string kid; ///< whose signature it claims to have
  Claims claims;
  std::string_view signed_text; ///< a view into the text
  Signature signature{};
};

/// Whether a text is meant to be a JWT: base64url of `{"` is how each begins. An opaque token never does.
bool looks_like_jwt(std::string_view text) noexcept;

/// Reads a JWT strictly (RFC 8725): one algorithm, one type, one kind of key id, each claim once and of its type, times
/// in whole seconds of the years 1970 to 9999, nothing that is not known. Offline; never throws for bad text.
std::variant<Jwt, BadJwt> parse_jwt(std::string_view text);

/// The token of these claims. REQUIRES: all texts are UTF-8; what parse_jwt() asks of each. Throws as sign_jws().
Secret sign_jwt(const Claims& claims, const Signer& signer);

/// The claims as JSON, one line: the payload that sign_jwt() signs.
std::string to_json(const Claims& claims);

/// What a token says as a JWT that is issued at this time. REQUIRES: token.audiences is not empty.
Claims claims_of(const Token& token, std::string_view issuer, Instant issued_at);

/// What is wrong with the form of a token string of either format, in a clause; nothing where it may be a token.
/// Offline.
std::optional<std::string> find_fault(std::string_view token);

/// `caplet:` and the store's id in hexadecimal: who issues its tokens, and whom they are for when nothing else is
/// asked.
std::string issuer_of(ByteView store_id);

} // namespace caplet
