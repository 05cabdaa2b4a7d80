#!/usr/bin/env python3
"""Checks checkpoints and exports by what store/FORMAT.md says and nothing else, with OpenSSL's Ed25519; and that caplet
refuses every export that somebody has been at.

usage: audit_test.py CAPLET FORMAT.md
"""

import base64
import csv
import datetime
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before an Ed25519 public key


def lp(*parts):
    out = b""
    for part in parts:
        part = struct.pack("<Q", part) if isinstance(part, int) else part.encode() if isinstance(part, str) else part
        out += struct.pack("<I", len(part)) + part
    return out


def verifies(public, signature, text, directory):
    names = [os.path.join(directory, name) for name in ("public", "signature", "text")]
    for name, content in zip(names, (SPKI + public, signature, text)):
        with open(name, "wb") as file:
            file.write(content)
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0], "-rawin",
                           "-sigfile", names[1], "-in", names[2]], capture_output=True).returncode == 0


def read_vkey(vkey):
    name, key_id, encoded = vkey.split("+", 2)
    encoded = base64.b64decode(encoded, validate=True)
    assert encoded[0] == 1 and len(encoded) == 33
    assert bytes.fromhex(key_id) == hashlib.sha256(name.encode() + b"\n\x01" + encoded[1:]).digest()[:4]
    return name, bytes.fromhex(key_id), encoded[1:]


def check_note(note, vkey, directory):
    """The number and link of the last event."""
    name, key_id, public = read_vkey(vkey)
    text, signatures = note.split("\n\n")
    origin, size, head = text.split("\n")
    assert origin == name and size == str(int(size))
    dash, signer, signature = signatures.removesuffix("\n").split(" ")
    signature = base64.b64decode(signature, validate=True)
    assert dash == "\u2014" and signer == name and signature[:4] == key_id
    assert verifies(public, signature[4:], (text + "\n").encode(), directory)
    assert not verifies(public, signature[4:], (text + " \n").encode(), directory)
    return int(size), base64.b64decode(head, validate=True)


def content_of(event):
    """The fields of an event, `tag: u8, length: u32, value`."""
    moment = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    microseconds = (moment - epoch) // datetime.timedelta(microseconds=1)
    number = lambda value: struct.pack("<Q", value) if value else b""
    text = lambda key: (event[key] or "").encode()
    values = [struct.pack("<q", microseconds), text("action"), number({"owner": 1, "token": 2}[event["actor_kind"]]),
              text("actor_id"), text("actor_name"), number(event["os_uid"]), text("target_id"), text("target_name"),
              number({"ok": 1, "denied": 2}[event["outcome"]]), text("reason"), number(event["repeats"]),
              bytes.fromhex(event["salt"])]
    return b"".join(bytes([tag]) + struct.pack("<I", len(value)) + value for tag, value in enumerate(values, 1) if value)


def check_export(data, keys, directory):
    assert data.endswith(b"\n")
    lines = [json.loads(line) for line in data.decode("ascii").splitlines()]
    for line, wanted in zip(lines, ["header"] + ["event"] * (len(lines) - 2) + ["checkpoint"]):
        assert list(line) == keys[wanted], wanted
    again = "".join(json.dumps(line, separators=(",", ":")).replace("\x7f", "\\u007f") + "\n" for line in lines)
    assert again.encode() == data
    header, events, end = lines[0], lines[1:-1], lines[-1]
    assert header["format"] == "caplet-audit-export" and header["version"] == 1
    name, _, _ = read_vkey(header["key"])
    assert header["origin"] == name
    store, link, seq = bytes.fromhex(name.split("/")[1]), bytes.fromhex(header["link_before"]), header["first"] - 1
    assert seq > 0 or link == bytes(32)
    for event in events:
        seq += 1
        assert event["seq"] == seq
        link = hashlib.sha256(lp("caplet/link/v2", store, seq, link, content_of(event))).digest()
        assert link.hex() == event["link"]
    assert check_note(end["checkpoint"], header["key"], directory) == (seq, link)
    return events


def edits(data):
    """All that differs from an export in one line, with what was done."""
    lines = data.splitlines(keepends=True)
    put = lambda at, *new: b"".join(lines[:at] + list(new) + lines[at + 1:])
    for at, line in enumerate(lines):
        where = f"line {at + 1}"
        yield f"{where} dropped", put(at)
        yield f"{where} doubled", put(at, line, line)
        yield f"{where} without its end", put(at, line[:-1])
        yield f"{where} with CR", put(at, line[:-1] + b"\r\n")
        yield f"{where} with a blank", put(at, b" " + line)
        yield f"{where} with an empty line before it", put(at, b"\n", line)
        yield f"{where} cut off there", b"".join(lines[:at])
        yield f"{where} cut in half", b"".join(lines[:at]) + line[:len(line) // 2]
        for other in range(at + 1, len(lines)):
            swapped = list(lines)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield f"{where} in the place of line {other + 1}", b"".join(swapped)
        record = json.loads(line)
        dump = lambda value: json.dumps(value, separators=(",", ":")).encode() + b"\n"
        assert dump(record) == line
        for key, value in record.items():
            changes = [None, "x", -1, 1.5, True, [], {}]
            if isinstance(value, int):
                changes += [value + 1, 2**64, 2**64 - 1]
            elif isinstance(value, str):
                changes += [value + "x", value[:-1], value.upper() + " ", value.replace("a", "b", 1) + "\0"]
            for change in changes:
                if change != value:
                    yield f"{where} with {key} = {change!r}", put(at, dump({**record, key: change}))
            yield f"{where} without {key}", put(at, dump({k: v for k, v in record.items() if k != key}))
            yield f"{where} with {key} last", put(at, dump({**{k: v for k, v in record.items() if k != key}, key: value}))
            yield f"{where} with {key} twice", put(at, line[:-2] + b"," + dump({key: value})[1:])
        yield f"{where} with another key", put(at, dump({**record, "more": None}))
        yield f"{where} with an escape where none is needed", put(at, line.replace(b"c", b"\\u0063", 1))
    yield "one more byte", data + b"\n"
    yield "twice", data + data
    yield "nothing", b""


def main(caplet, format_md):
    with open(format_md, encoding="utf-8") as file:
        words = [line.split() for line in file if line.startswith(("    header ", "    event  ", "    checkpoint  "))]
    keys = {line[0]: line[1:] for line in words if len(line) > 1 and "sealed" not in line}
    assert set(keys) == {"header", "event", "checkpoint"}

    with tempfile.TemporaryDirectory() as directory:
        home = os.path.join(directory, "home")
        variables = {"CAPLET_HOME": home, "PATH": os.environ["PATH"]}

        def run(*words, status=0, data=None, **more):
            done = subprocess.run([caplet, *words], env={**variables, **more}, input=data, capture_output=True)
            assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
            return done.stdout

        run("init", "--account", "ops")
        token = run("token", "create", "-n", "ci").decode().strip()
        run("token", "create", "-n", "caf\u00e9 \U0001f511 \u65e5", CAPLET_TOKEN=token)
        half = run("audit", "export")
        run("token", "delete", "ci", "--keep-children", "--reason", '=cmd|"/C calc"!A0, \\ \u00fc')

        export = run("audit", "export")
        events = check_export(export, keys, directory)
        assert [event["seq"] for event in events] == [1, 2, 3, 4] and events[3]["reason"].startswith("=cmd|")
        assert check_export(run("audit", "export", "--after", "2"), keys, directory) == events[2:]
        assert check_export(run("audit", "export", "--after", "4"), keys, directory) == []
        checkpoint = json.loads(run("audit", "checkpoint", "-o", "json"))
        assert check_note(run("audit", "checkpoint").decode(), checkpoint["key"], directory) == (
            checkpoint["size"], bytes.fromhex(checkpoint["head"])) == (4, bytes.fromhex(events[3]["link"]))

        table = run("audit", "export", "--format", "csv")
        assert table.count(b"\r\n") == 5
        rows = list(csv.DictReader(table.decode().splitlines()))
        assert [row["link"] for row in rows] == [event["link"] for event in events]
        assert rows[3]["reason"] == "'" + events[3]["reason"] and rows[2]["target_name"] == events[2]["target_name"]

        for line, event in zip(run("audit", "export", "--format", "ocsf").decode().splitlines(), events):
            ocsf = json.loads(line)  # required by schema.ocsf.io/1.3.0/classes/api_activity and its objects
            assert ocsf["class_uid"] == 6003 and ocsf["category_uid"] == 6
            assert ocsf["type_uid"] == 600300 + ocsf["activity_id"] and ocsf["severity_id"] in (1, 2)
            assert ocsf["time"] // 1000 == int(datetime.datetime.fromisoformat(
                event["time"].replace("Z", "+00:00")).timestamp())
            assert ocsf["metadata"]["version"] == "1.3.0" and ocsf["metadata"]["product"]["vendor_name"]
            assert ocsf["actor"]["user"]["name"] == event["actor_name"] and ocsf["src_endpoint"]["name"]
            assert ocsf["api"]["operation"] == event["action"] and ocsf["metadata"]["sequence"] == event["seq"]

        # Neither a home nor a key.
        variables = {}
        good = ["audit", "verify", "--export", "-"]
        run(*good, data=export)
        run(*good, "--key", checkpoint["key"], data=export)
        count = 0
        for what, edited in edits(half):
            if edited == half:
                continue  # the last key put last
            done = subprocess.run([caplet, *good, "--key", checkpoint["key"]], env={}, input=edited, capture_output=True)
            assert done.returncode == 8 and done.stdout.startswith(b"line "), (what, done)
            count += 1
        # Somebody who signs a forged log with a key of his own is found out by --key alone.
        variables = {"CAPLET_HOME": os.path.join(directory, "other")}
        run("init")
        other = run("audit", "export")
        variables = {}
        run(*good, data=other)
        run(*good, "--key", checkpoint["key"], data=other, status=8)
    print(f"checkpoints and exports read as FORMAT.md says, {count} edits refused: 1 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
