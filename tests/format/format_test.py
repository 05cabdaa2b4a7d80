#!/usr/bin/env python3
"""Opens a real store by what store/FORMAT.md says and nothing else, with Python's BLAKE2b and libsodium's AEAD.

usage: format_test.py CAPLET FORMAT.md
"""

import ctypes
import hashlib
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zlib

sodium = ctypes.CDLL("libsodium.so.23")
assert sodium.sodium_init() >= 0
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def lp(*parts):
    out = b""
    for part in parts:
        part = struct.pack("<Q", part) if isinstance(part, int) else part.encode() if isinstance(part, str) else part
        out += struct.pack("<I", len(part)) + part
    return out


def keyed(key, data, size=32):
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def unseal(key, additional, sealed):
    nonce, box = sealed[:24], sealed[24:]
    content, length = ctypes.create_string_buffer(len(box)), ctypes.c_ulonglong()
    status = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        content, ctypes.byref(length), None, box, ctypes.c_ulonglong(len(box)), additional,
        ctypes.c_ulonglong(len(additional)), nonce, key)
    assert status == 0, "does not open"
    padded = content.raw[:length.value]
    assert len(padded) % 64 == 0
    unpadded = padded.rstrip(b"\0")
    assert unpadded.endswith(b"\x80")
    return unpadded[:-1]


def fields(content):
    found, last = {}, 0
    while content:
        tag, length = content[0], struct.unpack("<I", content[1:5])[0]
        assert tag > last and 0 < length <= len(content) - 5
        found[tag], content, last = content[5:5 + length], content[5 + length:], tag
    return found


def number(record, tag):
    return struct.unpack("<Q", record[tag])[0] if tag in record else 0


def text(record, tag):
    return record.get(tag, b"").decode()


def base62(value):
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits


def decode(home, format_md):
    """The tokens by name, the token key, and the events of the store in `home`."""
    with open(os.path.join(home, "key"), "rb") as file:
        line = file.read()
    assert len(line) == 104 and line.endswith(b"\n")
    head, slot_id, key, crc = line.decode()[:-1].split(" ")
    assert head == "CAPLET-KEY-1" and crc == "%08x" % zlib.crc32(line[:line.rindex(b" ")])

    database = sqlite3.connect(f"file:{home}/store.db?mode=ro", uri=True)
    rows = lambda sql: database.execute(sql).fetchall()
    assert rows("pragma application_id") == [(0x43504C54,)] and rows("pragma user_version") == [(1,)]
    with open(format_md, encoding="utf-8") as file:
        schema = [line.strip() for line in file if line.startswith("    CREATE ")]
    assert [row[0] for row in rows("select sql from sqlite_schema")] == schema

    (store, epoch, state), = rows("select id, epoch, state from store")
    (slot, kind, params, commitment, wrapped), = rows("select id, kind, params, commitment, wrapped from slot order by number")
    assert slot.hex() == slot_id and kind == 1
    derived = keyed(bytes.fromhex(key), lp("caplet/slot/key-file/v1", store, slot), 64)
    assert derived[:32] == commitment
    store_key = unseal(derived[32:], lp("caplet/slot/v1", store, slot, kind, params, epoch, 1), wrapped)
    subkeys = {}
    for n in range(1, 6):
        out = ctypes.create_string_buffer(32)
        sodium.crypto_kdf_derive_from_key(out, ctypes.c_size_t(32), ctypes.c_uint64(n), b"capletv1", store_key)
        subkeys[n] = out.raw

    state = fields(unseal(subkeys[2], lp("caplet/state/v1", store, epoch, 1), state))
    assert state[7] == keyed(subkeys[5], lp("caplet/slots/v1") + lp(slot, kind, params, commitment, wrapped))

    tokens, token_key, tally, count = {}, None, bytes(32), 0
    for seq, kind, identifier, revision, epoch, name, sealed in rows(
            "select seq, kind, id, revision, epoch, name_index, sealed from record order by seq"):
        record = fields(unseal(subkeys[1], lp("caplet/record/v1", store, kind, identifier, seq, revision, epoch,
                                              name or b"", 1), sealed))
        part = keyed(subkeys[5], lp("caplet/tally/v1", kind, identifier, revision, sealed[-16:]))
        tally = bytes(a ^ b for a, b in zip(tally, part))
        count += 1
        if kind == 2:
            token_key = record[1]
        elif kind == 4:
            tokens[text(record, 3)] = identifier, record
            index = keyed(subkeys[3], lp("caplet/name/v1", 4, text(record, 2), unicodedata.normalize("NFC", text(record, 3))), 16)
            assert (name is None) if 10 in record else name == index
    assert tally == state[6] and count == number(state, 2) and seq <= number(state, 3)

    events, link = [], bytes(32)
    for seq, epoch, sealed, stored in rows("select seq, epoch, sealed, link from event order by seq"):
        events.append(fields(unseal(subkeys[1], lp("caplet/event/v1", store, seq, epoch, 1), sealed)))
        link = keyed(subkeys[4], lp("caplet/audit/v1", store, seq, epoch, link, sealed))
        assert link == stored and seq == len(events)
    assert link == state[5] and len(events) == number(state, 4)
    return tokens, token_key, events


def main(caplet, format_md):
    with tempfile.TemporaryDirectory() as home:
        def run(*words, **variables):
            environment = {"CAPLET_HOME": home, "PATH": os.environ["PATH"], **variables}
            return subprocess.run([caplet, *words], env=environment, capture_output=True, check=True).stdout.decode().strip()

        run("init", "--account", "ops", "--prefix", "acme")
        ci = run("token", "create", "-n", "ci", "-d", "deploys", "-e", "30d")
        run("token", "create", "-n", "cafe\u0301", "-e", "never", CAPLET_TOKEN=ci)
        gone = run("token", "create", "-n", "gone")
        run("verify", CAPLET_TOKEN=ci)
        run("token", "delete", "gone", "--reason", "laptop lost")

        tokens, token_key, events = decode(home, format_md)
        assert set(tokens) == {"ci", "cafe\u0301", "gone"}
        for string, name in ((ci, "ci"), (gone, "gone")):
            prefix, kind, identifier, _ = string.split("_")
            assert (prefix, kind, identifier) == ("acme", "pat", tokens[name][0])
            assert string[-6:] == base62(zlib.crc32(string[:-6].encode()))
            assert tokens[name][1][6] == keyed(token_key, b"caplet/token/v1" + string.encode())
        ci_id, ci_record = tokens["ci"]
        assert text(ci_record, 4) == "deploys" and 8 in ci_record and 9 in ci_record and 10 not in ci_record
        assert text(tokens["cafe\u0301"][1], 5) == ci_id and 8 not in tokens["cafe\u0301"][1]
        assert 10 in tokens["gone"][1]
        assert [text(event, 2) for event in events] == [
            "store.create", "account.pat.mint", "account.pat.mint", "account.pat.mint", "account.pat.revoke"]
        assert text(events[2], 5) == "ci" and number(events[2], 3) == 2 and text(events[4], 10) == "laptop lost"
    print("the store reads as FORMAT.md says: 1 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
