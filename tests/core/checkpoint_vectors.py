#!/usr/bin/env python3
"""Computes the values in checkpoint_test.cpp by the specification (https://c2sp.org/tlog-checkpoint,
https://c2sp.org/signed-note), with OpenSSL's Ed25519 and nothing of caplet's."""

import base64
import hashlib
import subprocess
import tempfile

SEED = bytes(range(32))
NAME = "caplet/" + bytes(range(16)).hex()
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410: what stands before an Ed25519 seed


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


def main():
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
        key.write(PKCS8 + SEED)
        key.flush()
        public = openssl("pkey", "-inform", "DER", "-in", key.name, "-pubout", "-outform", "DER")[-32:]
        key_id = hashlib.sha256(NAME.encode() + b"\n\x01" + public).digest()[:4]
        print("key ", f"{NAME}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}")
        for size, head in ((42, b"\xab" * 32), (0, bytes(32))):
            body = f"{NAME}\n{size}\n{base64.b64encode(head).decode()}\n"
            text.seek(0)
            text.truncate()
            text.write(body.encode())
            text.flush()
            signature = openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name, "-in", text.name)
            note = f"{body}\n\u2014 {NAME} {base64.b64encode(key_id + signature).decode()}\n"
            print("note", note.replace("\n", "\\n"))


if __name__ == "__main__":
    main()
