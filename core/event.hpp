#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// Who does something: the owner (whoever opens the store's key) or a token.
struct Actor {
  enum class Kind : std::uint8_t { owner = 1, token = 2 };
  Kind kind = Kind::owner;
  std::string id;                       ///< the token's id; empty for the owner
  std::string name;                     ///< the token's name; the account's for the owner
  std::string account;                  ///< id of the account it acts in
  bool may_manage = true;               ///< the owner and every `pat`; a `sat` never
  std::uint32_t os_uid = 0;             ///< numeric id of the operating system's user behind it
  std::vector<std::string> scopes = {}; ///< of a `sat`: all that it may do
  Digest secret{};                      ///< Store::token_digest() of what it showed, of a token
};

/// One entry of the audit log.
struct Event {
  enum class Outcome : std::uint8_t { ok = 1, denied = 2 };

  std::uint64_t seq = 0; ///< its number, from 1 without a gap; given by the store
  Instant time;
  std::string action; ///< `<level>.<kind>.<verb>`, e.g. `account.pat.mint`
  Actor::Kind actor_kind = Actor::Kind::owner;
  std::string actor_id;
  std::string actor_name;
  std::uint32_t os_uid = 0;
  std::string target_id;
  std::string target_name;
  Outcome outcome = Outcome::ok;
  std::string reason;        ///< why, where the outcome or the person said so; may be empty
  std::uint64_t repeats = 0; ///< so many more like it came shortly before and were left out
  Bytes salt;                ///< random; without it nobody tries contents against the link. Given by the store
  Digest link{};             ///< hash of this event and all before it. Given by the store

  bool operator==(const Event&) const = default;
};

std::string_view to_string(Actor::Kind kind) noexcept;
std::string_view to_string(Event::Outcome outcome) noexcept;

} // namespace caplet
