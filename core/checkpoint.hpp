#pragma once

#include "core/bytes.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caplet {

/// What an audit log was at one moment, signed, so that it can be kept where whoever rules this machine cannot reach
/// it. A checkpoint is a C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint) in a C2SP signed note
/// (https://c2sp.org/signed-note) with Ed25519 signatures (RFC 8032):
///
///     caplet/<store id, 32 hexadecimal digits>
///     <number of events, decimal>
///     <link of the last event, base64>
///
///     — <key name> <base64 of key id (4 bytes) and signature (64 bytes)>
///
/// In one thing it differs from that standard, whose third line is the root of a Merkle tree: ours is the head of a
/// hash chain. Tools that check the signature work; tools that ask for inclusion proofs do not.
struct Checkpoint {
  std::string origin;     ///< audit_origin(): whose log it is
  std::uint64_t size = 0; ///< number of the last event; 0 for an empty log
  Digest head{};          ///< its link; zero for an empty log

  bool operator==(const Checkpoint&) const = default;
};

/// The name of a store's log and of the key that signs it: `caplet/` and the store's id in hexadecimal.
std::string audit_origin(ByteView store_id);

/// The public half of the key that signs a log.
struct AuditKey {
  std::string name; ///< the same as the origin
  std::array<unsigned char, 32> public_key{};

  bool operator==(const AuditKey&) const = default;
};

/// The key of a seed of 32 bytes (RFC 8032, section 5.1.5).
AuditKey audit_key(std::string name, ByteView seed);

/// `<name>+<key id, 8 hexadecimal digits>+<base64 of 0x01 and the public key>`: the form in which keys of signed notes
/// are handed around (https://pkg.go.dev/golang.org/x/mod/sumdb/note#hdr-Generating_Keys).
std::string to_text(const AuditKey& key);

/// Reads what to_text() writes. Throws Error{usage} for anything else, a wrong key id included.
AuditKey parse_audit_key(std::string_view text);

/// A note as it reads, before its signature is looked at.
struct SignedNote {
  struct Signature {
    std::string name;
    std::array<unsigned char, 4> key_id{};
    Bytes bytes;
  };
  Checkpoint checkpoint;
  std::string text;                  ///< what is signed: the three lines
  std::vector<Signature> signatures; ///< from 1 to 16: others may have signed it, too
};

/// The note of a checkpoint. REQUIRES: `seed` is the key's; its name is the checkpoint's origin.
std::string sign_checkpoint(const Checkpoint& checkpoint, ByteView seed);

/// Reads a note strictly: three lines of text, no line too many, one spelling for each value. Nothing of it is to be
/// believed before open_checkpoint(). Throws Error{damaged}.
SignedNote parse_checkpoint(std::string_view note);

/// The checkpoint of a note that this key signed. Signatures by other keys do not count. Throws Error{damaged}: not
/// signed by the key, or changed since, or another store's.
Checkpoint open_checkpoint(const SignedNote& note, const AuditKey& key);

} // namespace caplet
