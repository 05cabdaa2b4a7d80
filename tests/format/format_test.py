#!/usr/bin/env python3
"""Opens stores by what store/FORMAT.md says and nothing else, with Python's BLAKE2b and SHA-256 and libsodium's AEAD
and Argon2id: one of tests/vectors, whose contents are written out here, and one that caplet makes now.

usage: format_test.py CAPLET FORMAT.md VECTOR-DIRECTORY
"""

import base64
import ctypes
import hashlib
import json
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


def key_file_root(home, slot):
    """The root of a key file's slot, or nothing where it is another's."""
    with open(os.path.join(home, "key"), "rb") as file:
        line = file.read()
    assert len(line) == 104 and line.endswith(b"\n")
    head, slot_id, key, crc = line.decode()[:-1].split(" ")
    assert head == "CAPLET-KEY-1" and crc == "%08x" % zlib.crc32(line[:line.rindex(b" ")])
    return bytes.fromhex(key) if slot.hex() == slot_id else None


def argon2id(passphrase, params):
    salt, root = params[4], ctypes.create_string_buffer(32)
    assert len(salt) == 16 and 1 <= number(params, 2) <= 10 and 8192 <= number(params, 3) <= 1 << 30
    version_1_3 = 2  # crypto_pwhash_ALG_ARGON2ID13
    status = sodium.crypto_pwhash(
        root, ctypes.c_ulonglong(32), passphrase, ctypes.c_ulonglong(len(passphrase)), salt,
        ctypes.c_ulonglong(number(params, 2)), ctypes.c_size_t(number(params, 3)), version_1_3)
    assert status == 0, "not enough memory"
    return root.raw


LABELS = {1: "caplet/slot/key-file/v1", 2: "caplet/slot/passphrase/v1"}


def open_slots(slots, store, epoch, home, passphrase):
    """The store key by each slot, opened one by one: they have to agree. And when each slot was made."""
    store_keys, made = set(), {}
    for slot, kind, params, commitment, wrapped in slots:
        known = fields(params)
        assert set(known) == ({1} if kind == 1 else {1, 2, 3, 4})
        root = key_file_root(home, slot) if kind == 1 else argon2id(passphrase, known)
        derived = keyed(root, lp(LABELS[kind], store, slot), 64)
        assert derived[:32] == commitment
        store_keys.add(unseal(derived[32:], lp("caplet/slot/v2", store, slot, kind, params, epoch), wrapped))
        made[kind] = slot.hex(), number(known, 1), number(known, 2), number(known, 3)
    (store_key,) = store_keys
    return store_key, made


def check_anchor(home, token_key, store, state):
    with open(os.path.join(home, "anchor"), encoding="ascii") as file:
        line = file.read()
    assert line.endswith("\n") and len(line) <= 513
    head, store_id, change, events, link, mac = line[:-1].split(" ")
    said = lp("caplet/anchor/v1", store, int(change), int(events), bytes.fromhex(link))
    assert mac == keyed(keyed(token_key, b"caplet/anchor-key/v1"), said).hex()
    assert (head, store_id) == ("CAPLET-ANCHOR-1", store.hex())
    assert (int(change), int(events), bytes.fromhex(link)) == (number(state, 1), number(state, 4), state[5])


def decode(home, format_md, passphrase):
    """All that the store in `home` holds. Each of its slots is opened."""
    database = sqlite3.connect(f"file:{home}/store.db?mode=ro", uri=True)
    rows = lambda sql: database.execute(sql).fetchall()
    (format_number,), = rows("pragma user_version")
    assert rows("pragma application_id") == [(0x43504C54,)] and format_number in (2, 3)
    with open(format_md, encoding="utf-8") as file:
        schema = [line.strip() for line in file if line.startswith("    CREATE ")]
    assert [row[0] for row in rows("select sql from sqlite_schema")] == schema

    (store, epoch, state), = rows("select id, epoch, state from store")
    slots = rows("select id, kind, params, commitment, wrapped from slot order by number")
    store_key, made = open_slots(slots, store, epoch, home, passphrase)
    subkeys = {}
    for n in range(1, 6):
        out = ctypes.create_string_buffer(32)
        sodium.crypto_kdf_derive_from_key(out, ctypes.c_size_t(32), ctypes.c_uint64(n), b"capletv1", store_key)
        subkeys[n] = out.raw

    state = fields(unseal(subkeys[2], lp("caplet/state/v1", store, epoch, format_number), state))
    assert state[7] == keyed(subkeys[5], lp("caplet/slots/v1") + b"".join(lp(*slot) for slot in slots))

    tokens, token_key, tally, count, settings, account = {}, None, bytes(32), 0, None, None
    signing_keys, newest, tally_of_bodies = {}, None, bytes(32)
    functions, bodies, logins, policy = {}, {}, {}, {}
    for seq, kind, identifier, revision, row_epoch, name, sealed in rows(
            "select seq, kind, id, revision, epoch, name_index, sealed from record order by seq"):
        assert row_epoch == epoch
        record = fields(unseal(subkeys[1], lp("caplet/record/v1", store, kind, identifier, seq, revision, epoch,
                                              name or b"", format_number), sealed))
        part = keyed(subkeys[5], lp("caplet/tally/v1", kind, identifier, revision, sealed[-16:]))
        tally = bytes(a ^ b for a, b in zip(tally, part))
        if kind == 9:
            tally_of_bodies = bytes(a ^ b for a, b in zip(tally_of_bodies, part))
        count += 1
        if kind == 1:
            assert identifier == "settings"
            settings = text(record, 1), text(record, 2)
        elif kind == 2:
            assert identifier == "keyring" and set(record) == {1, 2} and len(record[1]) == len(record[2]) == 32
            token_key = record[1]
        elif kind == 3:
            account = identifier, text(record, 1), number(record, 2)
        elif kind == 7:
            assert set(record) <= {1, 2, 3, 4, 5} and len(record[1]) == 32 and (2 in record) != (4 in record)
            assert 2 not in record or public_key(record[2]) == record[1]
            signing_keys[identifier] = record
        elif kind == 11:
            assert identifier == "signing" and set(record) == {1}
            newest = text(record, 1)
        elif kind == 8:
            assert name == keyed(subkeys[3], lp("caplet/name/v1", 8, text(record, 1), text(record, 2)), 16)
            functions[identifier] = record
        elif kind == 9:
            assert name is None and identifier.endswith(".body") and set(record) == {1}
            bodies[identifier[:-5]] = record[1]
        elif kind == 10:
            assert name == keyed(subkeys[3], lp("caplet/name/v1", 10, "", text(record, 1)), 16)
            logins[text(record, 1)] = text(record, 2)
        elif kind == 5:
            assert identifier == "denials" and all(set(fields(each)) <= set(range(1, 13)) for each in record.values())
        elif kind == 6:
            assert identifier == "policy"
            policy = {tag: number(record, tag) for tag in record}
        else:
            assert kind == 4
            tokens[text(record, 3)] = identifier, record
            index = keyed(subkeys[3], lp("caplet/name/v1", 4, text(record, 2), unicodedata.normalize("NFC", text(record, 3))), 16)
            assert (name is None) if 10 in record else name == index
    assert 9 not in state or state[9] == tally_of_bodies
    assert tally == state[6] and count == number(state, 2) and seq <= number(state, 3)
    assert settings[1] == account[0]
    assert set(chain_of(signing_keys, newest)) == set(signing_keys)

    events, link = [], bytes(32)
    for seq, row_epoch, sealed, stored in rows("select seq, epoch, sealed, link from event order by seq"):
        assert row_epoch == epoch
        content = unseal(subkeys[1], lp("caplet/event/v1", store, seq, epoch, format_number), sealed)
        link = hashlib.sha256(lp("caplet/link/v2", store, seq, link, content)).digest()
        assert link == stored
        events.append(fields(content))
        assert seq == len(events) and len(events[-1][12]) == 16
    assert link == state[5] and len(events) == number(state, 4)
    check_anchor(home, token_key, store, state)
    return {"store": store.hex(), "epoch": epoch, "change": number(state, 1), "head": link.hex(), "slots": made,
            "prefix": settings[0], "account": account, "tokens": tokens, "token_key": token_key, "events": events,
            "functions": functions, "bodies": bodies, "logins": logins, "policy": policy,
            "signing": [(kid, signing_keys[kid]) for kid in chain_of(signing_keys, newest)]}


def public_key(seed):
    """The public half of an Ed25519 key (RFC 8032, section 5.1.5)."""
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    sodium.crypto_sign_seed_keypair(public, secret, seed)
    return public.raw


def chain_of(signing_keys, newest):
    """The ids of the keys from the newest on, each the one that replaced the next."""
    while newest:
        yield newest
        newest = text(signing_keys[newest], 5) if 5 in signing_keys[newest] else ""


def live(caplet, format_md):
    """A store that the binary makes now, opened by a key file and by a passphrase, under its second key."""
    with tempfile.TemporaryDirectory() as home:
        def run(*words, **variables):
            environment = {"CAPLET_HOME": home, "PATH": os.environ["PATH"], **variables}
            return subprocess.run([caplet, *words], env=environment, capture_output=True, check=True).stdout.decode().strip()

        run("init", "--account", "ops", "--prefix", "acme")
        ci = run("token", "create", "-n", "ci", "-d", "deploys", "-e", "30d")
        run("token", "create", "-n", "cafe\u0301", "-e", "10d", CAPLET_TOKEN=ci)
        gone = run("token", "create", "-n", "gone")
        run("verify", CAPLET_TOKEN=ci)
        run("token", "delete", "gone", "--reason", "laptop lost")
        jwt = run("token", "create", "-n", "jwt", "--format", "jwt")
        run("jwks", "rotate")
        script = os.path.join(home, "script")
        for body in ("#!/bin/sh\necho one\n", "#!/bin/sh\necho two\n"):
            with open(script, "w", encoding="utf-8") as file:
                file.write(body)
            run("function", "create", "hello", script, "--replace", "--env", "A=b", "--env", "C=", "--pass-env", "STAGE",
                "--timeout", "90s", "--cwd", "/tmp", "-d", "greets", "--max-output", "64K")
        run("login", "--token", ci, "--profile", "work")
        passphrase = os.path.join(home, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as file:
            file.write("p\u00e4ssphrase of the store\n")
        run("store", "key", "add", "--new-passphrase-file", passphrase)

        for epoch in (0, 1):
            store = decode(home, format_md, "p\u00e4ssphrase of the store".encode())
            tokens, events = store["tokens"], store["events"]
            assert store["epoch"] == epoch and set(store["slots"]) == {1, 2} and store["prefix"] == "acme"
            assert set(tokens) == {"ci", "cafe\u0301", "gone", "jwt"}
            header, claims, _ = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) if at < 2 else part
                                 for at, part in enumerate(jwt.split(".")))
            jwt_id, jwt_record = tokens["jwt"]
            issuer = "caplet:" + store["store"]
            assert (claims["jti"], claims["iss"], claims["aud"]) == (jwt_id, issuer, [issuer]), claims
            assert number(jwt_record, 19) == 1 and text(jwt_record, 20) == header["kid"] and text(jwt_record, 16) == issuer
            assert jwt_record[6] == keyed(store["token_key"], b"caplet/token/v1" + jwt.encode())
            (_, new_key), (old_kid, old_key) = store["signing"]
            assert old_kid == header["kid"] and 4 in old_key and 2 not in old_key and len(new_key[2]) == 32
            for string, name in ((ci, "ci"), (gone, "gone")):
                prefix, kind, identifier, _ = string.split("_")
                assert (prefix, kind, identifier) == ("acme", "pat", tokens[name][0])
                assert string[-6:] == base62(zlib.crc32(string[:-6].encode()))
                assert tokens[name][1][6] == keyed(store["token_key"], b"caplet/token/v1" + string.encode())
            ci_id, ci_record = tokens["ci"]
            assert text(ci_record, 4) == "deploys" and 8 in ci_record and 9 in ci_record and 10 not in ci_record
            assert text(tokens["cafe\u0301"][1], 5) == ci_id and number(ci_record, 21) == 1
            assert 10 in tokens["gone"][1]
            (function_id, function), = store["functions"].items()
            assert store["bodies"] == {function_id: body.encode()} and store["logins"] == {"work": ci}
            revision, earlier = fields(function[3]), fields(function[4][4:])
            assert (number(revision, 1), revision[2], number(revision, 3)) == (
                2, hashlib.sha256(body.encode()).digest(), len(body))
            assert number(earlier, 1) == 1 and struct.unpack("<I", function[4][:4])[0] == len(function[4]) - 4
            assert [text(function, n) for n in (2, 5, 6, 12)] == ["hello", "greets", "/bin/sh", "/tmp"]
            assert (number(function, 8), number(function, 11)) == (90, 65536)
            assert function[9] == lp("A=b", "C=") and function[10] == lp("STAGE")
            assert [text(event, 2) for event in events] == [
                "store.create", "account.pat.mint", "account.pat.mint", "account.pat.mint", "account.pat.revoke",
                "store.jwks.create", "account.pat.mint", "store.jwks.rotate", "function.create", "function.replace",
                "account.login.keep", "store.key.add"] + ["store.rekey"] * epoch
            assert text(events[2], 5) == "ci" and number(events[2], 3) == 2 and text(events[4], 10) == "laptop lost"
            if epoch == 0:
                run("store", "rekey", "--passphrase-file", passphrase)


# id, kind, account, description, made by, hash, made, expires, last used, revoked; times in microseconds since 1970 UTC
VECTOR_TOKENS = {
    "ci": (
        "Iw4WNbSJDMBk", 1, "ZV6ZXZksuKGp", "deploys from the pipeline", "",
        "085bd4b2f1de7ab03d00f62637ef7806252c8e0c579a03ebe258b0fb70d5a608",
        1795475188000000, 0, 1795475188000000, 0),
    "cafe\u0301": (
        "gAkg5FDmYGMa", 1, "ZV6ZXZksuKGp", "", "Iw4WNbSJDMBk",
        "f812a4c2ad1ec0713bf5b767b11e7f54f0b2768492194a6b5bdb4dcee96d593f",
        1795475188000000, 0, 0, 0),
    "old": (
        "ZMib0ZLGTlHo", 1, "ZV6ZXZksuKGp", "", "",
        "0b474978112b1b0f454db2b10e56884edb18a5a54130606e792d6bdf7a52a636",
        1795475188000000, 1798761600000000, 0, 0),
    "gone": (
        "dRWKF63eA3Ua", 1, "ZV6ZXZksuKGp", "", "",
        "1c77953b37d0474cb95f8a7a01ba20373180183f4dd9f7487f9e7ca1bff5d3bd",
        1795475188000000, 1798067188000000, 0, 1795475188598047),
    "late": (
        "o52CPtToiJx5", 1, "ZV6ZXZksuKGp", "", "Iw4WNbSJDMBk",
        "8567c853cb9488bb7c88b7100213a337bdaefb045a574f0085bd28d01e353aec",
        1795475189000000, 0, 0, 0),
}

# time, action, actor kind, id and name, target id and name, reason, salt; all of them by uid 0, with outcome 1
VECTOR_EVENTS = [
    (1795475188399329, "store.create", 1, "", "ops",
     "", "", "", "5358e7e5935757c649c68ed3ab6887b8"),
    (1795475188434765, "account.pat.mint", 1, "", "ops",
     "Iw4WNbSJDMBk", "ci", "", "e417d67c0d8ec25d91600511220a0615"),
    (1795475188495411, "account.pat.mint", 2, "Iw4WNbSJDMBk", "ci",
     "gAkg5FDmYGMa", "cafe\u0301", "", "7e671f3ff4e6fb9fd323ba48d387b534"),
    (1795475188526588, "account.pat.mint", 1, "", "ops",
     "ZMib0ZLGTlHo", "old", "", "f56bfa2c0789301b9e30778ebe0dde15"),
    (1795475188558636, "account.pat.mint", 1, "", "ops",
     "dRWKF63eA3Ua", "gone", "", "e739ab6addf20637f20985a27fcb1ccc"),
    (1795475188598178, "account.pat.revoke", 1, "", "ops",
     "dRWKF63eA3Ua", "gone", "laptop lost", "7103ae098c9ce68c97d94e8454577d3f"),
    (1795475188626894, "store.key.add", 1, "", "ops",
     "70f46c9153d65adc", "passphrase", "", "1282dada711e44eb1f7209809e84acad"),
    (1795475189546151, "store.rekey", 1, "", "ops",
     "", "", "", "6ff9b1a68ad58f4fee2c7d3d6f05fe61"),
    (1795475189991434, "account.pat.mint", 2, "Iw4WNbSJDMBk", "ci",
     "o52CPtToiJx5", "late", "", "e4f75481868511b53b3d08ed51b3e6cf"),
]

def vector(directory, format_md):
    """The store in tests/vectors/format-2, by FORMAT.md alone; what it holds is written out above."""
    with open(os.path.join(directory, "passphrase"), "rb") as file:
        store = decode(directory, format_md, file.read()[:-1])
    tokens, events = store.pop("tokens"), store.pop("events")
    assert not store.pop("functions") and not store.pop("bodies") and not store.pop("logins") and not store.pop("policy")
    assert store == {
        "signing": [],
        "store": "e380df7a0642625732641b8ec5a05906",
        "epoch": 1,
        "change": 10,
        "head": "3978d08d1f9f7e1000d2287c1bfd1312dbdc01de4274fde3ac4a4fc1f0acb112",
        "slots": {1: ("c60464db20712ecc", 1795475188000000, 0, 0),
                  2: ("70f46c9153d65adc", 1795475188000000, 3, 268435456)},
        "prefix": "acme",
        "account": ("ZV6ZXZksuKGp", "ops", 1795475188000000),
        "token_key": bytes.fromhex("72c04c740ec316afb7dfbc58bae9ba9ec5a40ec2a706413d967537a42cf6fa4d"),
    }
    assert VECTOR_TOKENS == {
        name: (identifier, number(record, 1), text(record, 2), text(record, 4), text(record, 5), record[6].hex(),
               number(record, 7), number(record, 8), number(record, 9), number(record, 10))
        for name, (identifier, record) in tokens.items()}
    assert VECTOR_EVENTS == [
        (number(event, 1), text(event, 2), number(event, 3), text(event, 4), text(event, 5), text(event, 7),
         text(event, 8), text(event, 10), event[12].hex()) for event in events]
    for event in events:
        assert (number(event, 6), number(event, 9), number(event, 11)) == (0, 1, 0)
    with open(os.path.join(directory, "tokens.txt"), encoding="utf-8") as file:
        for line in file:
            name, _, string = line.split()
            assert VECTOR_TOKENS[name][5] == keyed(store["token_key"], b"caplet/token/v1" + string.encode()).hex()


def vector_of_format_3(directory, format_md):
    """The store in tests/vectors/format-3: what format 3 added, written out."""
    store = decode(directory, format_md, None)
    tokens = {name: record for name, (_, record) in store["tokens"].items()}
    limited = tokens["limited"]
    assert (number(limited, 1), text(limited, 11), text(limited, 16)) == (2, "orders:* run:hello", "orders")
    assert (number(limited, 13), number(limited, 14), number(limited, 17)) == (5, 0, 30 * 86400)
    assert limited[15] == bytes([4, 8, 10] + [0] * 15 + [6, 8, 0xFD] + [0] * 15)
    assert text(limited, 18) == "team=ops\n" and number(limited, 12) - number(limited, 7) == 3600 * 10**6
    strings = {}
    with open(os.path.join(directory, "tokens.txt"), encoding="utf-8") as file:
        for line in file:
            name, _, string = line.split()
            strings[name] = keyed(store["token_key"], b"caplet/token/v1" + string.encode())
    rotated = tokens["rotated"]
    assert rotated[6] == strings["rotated-third"] and rotated[24] == strings["rotated-second"]
    assert rotated[29] == strings["rotated-first"] and number(rotated, 26) == 1 and 27 not in rotated
    assert tokens["jwt"][6] == strings["jwt"] and number(tokens["jwt"], 19) == 1
    (newest, _), (oldest, retired) = store["signing"]
    assert text(tokens["jwt"], 20) == oldest != newest and 2 not in retired and 4 in retired
    assert number(tokens["ci"], 21) == 2
    assert store["policy"] == {1: 90 * 86400, 5: 101}
    (function,) = store["functions"]
    assert store["bodies"][function] == b"#!/bin/sh\necho hello\n" and set(store["logins"]) == {"work"}


def main(caplet, format_md, directory):
    vector(directory, format_md)
    vector_of_format_3(os.path.join(os.path.dirname(directory), "format-3"), format_md)
    live(caplet, format_md)
    print("three stores read as FORMAT.md says: 3 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
