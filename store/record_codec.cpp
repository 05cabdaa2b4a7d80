#include "store/record_codec.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace caplet {
namespace {

std::uint32_t number32(std::uint64_t value) {
  if (value > UINT32_MAX) {
    throw_malformed_record();
  }
  return static_cast<std::uint32_t>(value);
}

} // namespace

void encode(FieldWriter& out, const Account& account) {
  out.text(1, account.name);
  out.time(2, account.created_at);
}

Account decode_account(std::string_view id, ByteView content) {
  FieldReader in(content);
  Account account;
  account.id = id;
  account.name = in.text(1);
  account.created_at = in.time(2);
  in.done();
  return account;
}

Keyring Keyring::draw() {
  Keyring keyring;
  randombytes_buf(keyring.m_keys.data().data(), keyring.m_keys.size());
  return keyring;
}

Keyring Keyring::with_token_key(ByteView token_key) {
  if (token_key.size() != k_size) {
    throw_malformed_record();
  }
  Keyring keyring = draw();
  std::copy(token_key.begin(), token_key.end(), keyring.m_keys.data().begin());
  return keyring;
}

void encode(FieldWriter& out, const Keyring& keyring) {
  out.bytes(1, keyring.token_key());
  out.bytes(2, keyring.signing_seed());
}

Keyring decode_keyring(ByteView content) {
  FieldReader in(content);
  Keyring keyring;
  auto out = keyring.m_keys.data().begin();
  for (const std::uint8_t tag : {std::uint8_t{1}, std::uint8_t{2}}) {
    const ByteView key = in.value(tag);
    if (key.size() != Keyring::k_size) {
      throw_malformed_record();
    }
    out = std::copy(key.begin(), key.end(), out);
  }
  in.done();
  return keyring;
}

void encode(FieldWriter& out, const Denials& denials) {
  std::uint8_t tag = 0;
  for (const Denial& denial : denials.all()) {
    Event event = denial.event;
    event.repeats = denial.left_out;
    FieldWriter one;
    encode(one, event);
    out.bytes(++tag, one.view());
  }
}

Denials decode_denials(ByteView content) {
  FieldReader in(content);
  std::vector<Denial> denials;
  for (std::uint8_t tag = 1; tag <= Denials::k_most; ++tag) {
    const ByteView one = in.value(tag);
    if (one.empty()) {
      break;
    }
    Denial denial{decode_event(one), 0};
    denial.left_out = std::exchange(denial.event.repeats, 0);
    denials.push_back(std::move(denial));
  }
  in.done();
  return Denials(std::move(denials));
}

namespace {

/// A number that may be zero, and may be missing.
void encode_limit(FieldWriter& out, std::uint8_t tag, const std::optional<std::uint64_t>& number) {
  if (number) {
    out.number(tag, *number + 1);
  }
}

std::optional<std::uint64_t> decode_limit(FieldReader& in, std::uint8_t tag) {
  const std::uint64_t number = in.number(tag);
  return number == 0 ? std::nullopt : std::optional(number - 1);
}

std::chrono::seconds decode_lifetime(FieldReader& in, std::uint8_t tag) {
  constexpr std::uint64_t k_longest = std::uint64_t{365'000} * 86'400;
  const std::uint64_t length = in.number(tag);
  if (length > k_longest) {
    throw_malformed_record();
  }
  return std::chrono::seconds(length);
}

} // namespace

void encode(FieldWriter& out, const Policy& policy) {
  out.number(1, static_cast<std::uint64_t>(policy.default_lifetime.count()));
  out.number(2, static_cast<std::uint64_t>(policy.longest_lifetime.value_or(std::chrono::seconds::zero()).count()));
  out.number(3, policy.endless == Policy::Endless::refused ? 1 : 0);
  encode_limit(out, 4, policy.most_pats);
  encode_limit(out, 5, policy.most_sats);
}

Policy decode_policy(ByteView content) {
  FieldReader in(content);
  Policy policy;
  policy.default_lifetime = decode_lifetime(in, 1);
  if (const auto longest = decode_lifetime(in, 2); longest != std::chrono::seconds::zero()) {
    policy.longest_lifetime = longest;
  }
  policy.endless = checked_enum(in.number(3), Policy::Endless::allowed, Policy::Endless::refused);
  policy.most_pats = decode_limit(in, 4);
  policy.most_sats = decode_limit(in, 5);
  in.done();
  if (policy.default_lifetime == std::chrono::seconds::zero()) {
    throw_malformed_record();
  }
  return policy;
}

void encode(FieldWriter& out, const SigningKey& key, ByteView seed) {
  out.bytes(1, key.public_key);
  out.bytes(2, seed);
  out.time(3, key.created_at);
  out.time(4, key.retired_at);
  out.text(5, key.replaced);
}

namespace {

/// The seed is a view into the content.
std::pair<SigningKey, ByteView> decode_key_and_seed(std::string_view kid, ByteView content) {
  FieldReader in(content);
  SigningKey key;
  key.kid = kid;
  const ByteView public_key = in.value(1);
  const ByteView seed = in.value(2);
  key.created_at = in.time(3);
  key.retired_at = in.optional_time(4);
  key.replaced = in.text(5);
  in.done();
  if (public_key.size() != key.public_key.size() || seed.size() != (key.retired_at ? 0 : k_signing_seed_size)) {
    throw_malformed_record();
  }
  std::copy(public_key.begin(), public_key.end(), key.public_key.begin());
  return {std::move(key), seed};
}

} // namespace

SigningKey decode_signing_key(std::string_view kid, ByteView content) {
  return decode_key_and_seed(kid, content).first;
}

Secret decode_signing_seed(ByteView content) { return Secret(decode_key_and_seed({}, content).second); }

void encode(FieldWriter& out, const Event& event) { encode(out, event, event.salt); }

void encode(FieldWriter& out, const Event& event, ByteView salt) {
  out.time(1, event.time);
  out.text(2, event.action);
  out.number(3, static_cast<std::uint64_t>(event.actor_kind));
  out.text(4, event.actor_id);
  out.text(5, event.actor_name);
  out.number(6, event.os_uid);
  out.text(7, event.target_id);
  out.text(8, event.target_name);
  out.number(9, static_cast<std::uint64_t>(event.outcome));
  out.text(10, event.reason);
  out.number(11, event.repeats);
  out.bytes(12, salt);
}

Event decode_event(ByteView content) {
  FieldReader in(content);
  Event event;
  event.time = in.time(1);
  event.action = in.text(2);
  event.actor_kind = checked_enum(in.number(3), Actor::Kind::owner, Actor::Kind::token);
  event.actor_id = in.text(4);
  event.actor_name = in.text(5);
  event.os_uid = number32(in.number(6));
  event.target_id = in.text(7);
  event.target_name = in.text(8);
  event.outcome = checked_enum(in.number(9), Event::Outcome::ok, Event::Outcome::denied);
  event.reason = in.text(10);
  event.repeats = in.number(11);
  const ByteView salt = in.value(12);
  event.salt.assign(salt.begin(), salt.end());
  in.done();
  return event;
}

} // namespace caplet
