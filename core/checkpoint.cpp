#include "core/checkpoint.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace caplet {
namespace {

constexpr std::string_view k_origin = "caplet/";
constexpr std::string_view k_dash = "\u2014 "; // em dash and blank: how a signature line begins
constexpr unsigned char k_ed25519 = 0x01;      // signature type of the signed-note specification
constexpr std::size_t k_store_id_digits = 32;
constexpr std::size_t k_most_signatures = 16;
constexpr std::size_t k_longest_signature = 8192; // post-quantum ones of other signers are up to 5 kB

static_assert(std::tuple_size_v<decltype(AuditKey::public_key)> == crypto_sign_PUBLICKEYBYTES);

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Errc::damaged, "this is no checkpoint of an audit log: " + why,
              "give the file as caplet audit checkpoint wrote it");
}

std::string to_base64(ByteView bytes) { return base64::encode(bytes, base64::Alphabet::standard); }

std::optional<Bytes> from_base64(std::string_view text) {
  return text.empty() ? std::nullopt : base64::decode(text, base64::Alphabet::standard); // nothing of ours is empty
}

bool is_origin(std::string_view text) {
  std::array<unsigned char, k_store_id_digits / 2> id{};
  return text.starts_with(k_origin) && from_hex(text.substr(k_origin.size()), id);
}

std::array<unsigned char, 4> key_id_of(const AuditKey& key) {
  Bytes input(key.name.begin(), key.name.end());
  input.push_back('\n');
  input.push_back(k_ed25519);
  input.insert(input.end(), key.public_key.begin(), key.public_key.end());
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), input.data(), input.size());
  std::array<unsigned char, 4> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

/// Takes the next line off `text`, without its newline; nothing where there is none.
std::optional<std::string_view> next_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::uint64_t parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || (text.front() == '0' && text.size() > 1) ||
      size > std::numeric_limits<std::int64_t>::max()) {
    refuse("its second line is not the number of events");
  }
  return size;
}

Digest parse_head(std::string_view text) {
  const auto bytes = from_base64(text);
  Digest head{};
  if (!bytes || bytes->size() != head.size()) {
    refuse("its third line is not a hash in base64");
  }
  std::copy(bytes->begin(), bytes->end(), head.begin());
  return head;
}

SignedNote::Signature parse_signature(std::string_view line) {
  constexpr std::string_view k_why = "a signature line is not as it should be";
  if (!line.starts_with(k_dash)) {
    refuse(std::string(k_why));
  }
  line.remove_prefix(k_dash.size());
  const auto blank = line.find(' ');
  SignedNote::Signature signature;
  signature.name = line.substr(0, blank);
  const auto bytes = from_base64(blank == std::string_view::npos ? "" : line.substr(blank + 1));
  // Names are ours or another signer's: visible characters, without blanks and plus signs.
  if (signature.name.empty() || signature.name.find('+') != std::string::npos || !bytes ||
      bytes->size() <= signature.key_id.size() || bytes->size() > k_longest_signature ||
      escape(signature.name, signature.name.size()) != signature.name) {
    refuse(std::string(k_why));
  }
  const auto id_end = bytes->begin() + static_cast<std::ptrdiff_t>(signature.key_id.size());
  std::copy(bytes->begin(), id_end, signature.key_id.begin());
  signature.bytes.assign(id_end, bytes->end());
  return signature;
}

std::string text_of(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, to_base64(checkpoint.head));
}

} // namespace

std::string audit_origin(ByteView store_id) { return std::string(k_origin) + to_hex(store_id); }

AuditKey audit_key(std::string name, ByteView seed) {
  AuditKey key{std::move(name), {}};
  Secret secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.public_key.data(), secret.data().data(), seed.data());
  return key;
}

std::string to_text(const AuditKey& key) {
  Bytes encoded{k_ed25519};
  encoded.insert(encoded.end(), key.public_key.begin(), key.public_key.end());
  return fmt::format("{}+{}+{}", key.name, to_hex(key_id_of(key)), to_base64(encoded));
}

AuditKey parse_audit_key(std::string_view text) {
  const auto wrong = [&] {
    return Error(Errc::usage, fmt::format("\"{}\" is not the key of an audit log", escape(text, 120)),
                 "caplet audit checkpoint -o json names it: caplet/<store>+<number>+<key>");
  };
  AuditKey key;
  const auto plus = text.find('+');
  const auto second = plus == std::string_view::npos ? plus : text.find('+', plus + 1);
  if (second == std::string_view::npos) {
    throw wrong();
  }
  key.name = text.substr(0, plus);
  const auto encoded = from_base64(text.substr(second + 1));
  if (!is_origin(key.name) || !encoded || encoded->size() != key.public_key.size() + 1 ||
      encoded->front() != k_ed25519) {
    throw wrong();
  }
  std::copy(encoded->begin() + 1, encoded->end(), key.public_key.begin());
  if (text.substr(plus + 1, second - plus - 1) != to_hex(key_id_of(key))) {
    throw wrong();
  }
  return key;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, ByteView seed) {
  AuditKey key{checkpoint.origin, {}};
  Secret secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.public_key.data(), secret.data().data(), seed.data());
  const std::string text = text_of(checkpoint);
  const auto id = key_id_of(key);
  Bytes signature(id.begin(), id.end());
  signature.resize(id.size() + crypto_sign_BYTES);
  crypto_sign_detached(signature.data() + id.size(), nullptr, as_bytes(text).data(), text.size(), secret.data().data());
  return fmt::format("{}\n{}{} {}\n", text, k_dash, key.name, to_base64(signature));
}

SignedNote parse_checkpoint(std::string_view note) {
  SignedNote read;
  std::string_view rest = note;
  const auto origin = next_line(rest);
  const auto size = next_line(rest);
  const auto head = next_line(rest);
  if (!origin || !is_origin(*origin)) {
    refuse("its first line does not name the store of a caplet");
  }
  if (!size || size->empty()) {
    refuse("its second line is not the number of events");
  }
  if (!head) {
    refuse("its third line is not a hash in base64");
  }
  read.checkpoint = {std::string(*origin), parse_size(*size), parse_head(*head)};
  read.text = note.substr(0, note.size() - rest.size());
  const auto blank = next_line(rest);
  if (!blank || !blank->empty()) {
    refuse("its fourth line is not empty");
  }
  while (const auto line = next_line(rest)) {
    if (read.signatures.size() == k_most_signatures) {
      refuse("it has too many signatures");
    }
    read.signatures.push_back(parse_signature(*line));
  }
  if (!rest.empty()) {
    refuse("its last line has no end");
  }
  if (read.signatures.empty()) {
    refuse("it has no signature");
  }
  return read;
}

Checkpoint open_checkpoint(const SignedNote& note, const AuditKey& key) {
  if (note.checkpoint.origin != key.name) {
    throw Error(Errc::damaged, "the checkpoint is another store's",
                fmt::format("it is of {}, and this is {}", note.checkpoint.origin, key.name));
  }
  const auto id = key_id_of(key);
  bool is_signed = false;
  for (const SignedNote::Signature& each : note.signatures) {
    if (each.name != key.name || each.key_id != id) {
      continue;
    }
    if (each.bytes.size() != crypto_sign_BYTES ||
        crypto_sign_verify_detached(each.bytes.data(), as_bytes(note.text).data(), note.text.size(),
                                    key.public_key.data()) != 0) {
      throw Error(Errc::damaged, "the checkpoint was changed after it was signed",
                  "take another copy of it: this one says nothing");
    }
    is_signed = true;
  }
  if (!is_signed) {
    throw Error(Errc::damaged, "the checkpoint is not signed by the key of this log",
                "take another copy of it, or one of this store");
  }
  return note.checkpoint;
}

} // namespace caplet
