#!/usr/bin/env python3
"""The rules that `caplet scan --rules` prints, and its SARIF, read by programs that we did not write.

usage: rules_test.py CAPLET

The rules are read by Python's tomllib and PyYAML. Their expressions are compiled by Python's re (they stay within what
it has in common with RE2, which is asserted) and tried on minted tokens and on near misses, in the way that gitleaks and
trufflehog go about it: a keyword has to stand in the text, then the expression has to match, then the entropy of its
group is looked at.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zlib

import yaml

caplet = os.path.abspath(sys.argv[1])
failures = 0


def check(holds, what):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {what}", file=sys.stderr)


def entropy(text):
    """Shannon's, in bits a character: as gitleaks computes it."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in (text.count(c) for c in set(text)))


def run(*words, status=0, home=None, stdin=b""):
    environment = {"PATH": os.environ["PATH"], "HOME": home or "/nonexistent", "LANG": "C.UTF-8"}
    environment |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    result = subprocess.run([caplet, *words], input=stdin, capture_output=True, env=environment)
    check(result.returncode == status, f"{words}: exit status {result.returncode}: {result.stderr.decode()}")
    return result.stdout.decode()


def mint(home, count, *words):
    return [run("token", "create", "-n", f"t{i}{len(words)}", *words, home=home).strip() for i in range(count)]


def in_common_with_re2(expression):
    """RE2 has no look-around, no references, no possessive or atomic parts; of what is left, these have one meaning."""
    bare = re.sub(r"\(\?:", "(", expression)
    return re.fullmatch(r"[][0-9A-Za-z_(){},|^$-]+", bare) and all(int(n) <= 1000 for n in re.findall(r"\d+", bare))


def gitleaks(rule, text):
    """What gitleaks would report of a line: the group, where keyword, expression and entropy say so."""
    if not any(word.lower() in text.lower() for word in rule["keywords"]):
        return []
    found = [match.group(rule["secretGroup"]) for match in re.finditer(rule["regex"], text)]
    return [secret for secret in found if entropy(secret) >= rule["entropy"]]


def trufflehog(detector, text):
    if not any(word.lower() in text.lower() for word in detector["keywords"]):
        return []
    return [match.group(1) for match in re.finditer(detector["regex"]["token"], text)]


def with_check(text):
    """A token's checksum, written here a second time: CRC-32, six digits of base 62."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = zlib.crc32(text.encode())
    return text + "".join(digits[number // 62**i % 62] for i in range(5, -1, -1))


def near_misses(token):
    prefix, kind, identifier, secret = token.split("_")
    yield token[:-1]  # cut
    yield token + "a"  # longer: a part of something else
    yield f"{prefix}_{kind}_{identifier[:-1]}_{secret}"
    yield f"{prefix}_{kind}_{identifier}a_{secret}"
    yield f"{prefix}_cat_{identifier}_{secret}"
    yield f"{prefix}-{kind}-{identifier}-{secret}"
    yield f"{prefix}_{kind}_{identifier}{secret}"
    yield f"{prefix}_{kind}_{identifier}_{secret[:20]}-{secret[21:]}"
    yield f"{prefix.upper()}_{kind.upper()}_{identifier}_{secret}"
    yield f"_{kind}_{identifier}_{secret}"
    yield f"9_{kind}_{identifier}_{secret}"
    yield f"{prefix}_{kind}_{identifier}_{secret[:20]} {secret[20:]}"
    yield "cpl_pat_<id>_<secret>"


def around(token):
    yield token
    yield f"TOKEN={token}"
    yield f'  "token": "{token}",'
    yield f"https://me:{token}@example.org/x"
    yield f"Authorization: Bearer {token}\r"
    yield f"export my_{token};"
    yield f"{token}_2"


with tempfile.TemporaryDirectory() as home:
    tokens = mint(home, 60) + mint(home, 20, "-s", "orders:read")
    acme_home = os.path.join(home, "acme")
    os.mkdir(acme_home)
    run("init", "--prefix", "acme", home=acme_home)
    acme = mint(acme_home, 20)

    def rules(*words):
        [rule] = tomllib.loads(run("scan", "--rules", "gitleaks", *words))["rules"]
        [detector] = yaml.safe_load(run("scan", "--rules", "trufflehog", *words))["detectors"]
        check(rule["id"] and rule["description"] and isinstance(rule["entropy"], float), "what a rule of gitleaks needs")
        check(detector["name"] and list(detector["regex"]) == ["token"], "what a detector of trufflehog needs")
        check(rule["regex"] == detector["regex"]["token"], "both have one expression")
        check(in_common_with_re2(rule["regex"]), f"RE2 reads it as Python does: {rule['regex']}")
        check(re.compile(rule["regex"]).groups == 1, "one group: trufflehog takes the first, gitleaks the one that it is told")
        return rule, detector

    def finds(pair, text, secret):
        for which, found in (("gitleaks", gitleaks(pair[0], text)), ("trufflehog", trufflehog(pair[1], text))):
            check(found == ([secret] if secret else []), f"{which}: {len(found)} found in a text of {len(text)} characters")

    anything = rules()
    for token in tokens + acme:
        for text in around(token):
            finds(anything, text, token)
    for token in tokens[:20] + acme[:20]:
        for text in near_misses(token):
            finds(anything, text, None)

    ours = rules("--prefix", "cpl")
    both = rules("--prefix", "cpl", "--prefix", "acme")
    for token in tokens:
        finds(ours, token, token)
        finds(both, token, token)
    for token in acme:
        finds(ours, token, None)
        finds(both, token, token)
    for text in ("sha512:" + "a1B2c3D4" * 16, "github_pat_" + "A" * 22 + "_" + "b" * 59, "_pat_", "my_pat_is_a_cat"):
        finds(anything, text, None)
    # What people make up for examples has the shape, and hardly any entropy: gitleaks passes over it.
    made_up = "cpl_pat_" + "aB3" + "x" * 9 + "_" + "x" * 49
    check(gitleaks(anything[0], made_up) == [], "gitleaks passes over a made-up example")
    least = min(entropy(token) for token in tokens)
    check(least > anything[0]["entropy"] + 0.3, f"every token has more entropy than is asked for: {least}")

    # The rules find all that caplet finds in these; caplet, which knows the checksum, finds no more.
    lines = [text for token in tokens[:30] for text in (*around(token), *near_misses(token))]
    lines.append(with_check("cpl_pat_aB3aaaaaaaaa_" + "Q7" * 21 + "x"))
    lines.append("cpl_pat_aB3aaaaaaaaa_" + "Q7" * 24 + "x")  # the shape alone
    text = "\n".join(lines).encode()
    found = [json.loads(line) for line in run("scan", "-o", "jsonl", "-", status=1, stdin=text).splitlines()]
    by_rule = [number for number, line in enumerate(lines, 1) if trufflehog(anything[1], line)]
    glued = [number for number, line in enumerate(lines, 1) if number not in by_rule and any(f["line"] == number for f in found)]
    check(all(lines[n - 1].endswith("a") and lines[n - 1][:-1] in tokens for n in glued),
          "caplet alone finds a token that other letters follow")
    check([n for n in by_rule if not any(f["line"] == n for f in found)] == [len(lines)],
          "the rule alone finds what has a token's shape and a wrong checksum")

    # SARIF: what the standard requires (2.1.0, sections 3.13 to 3.37), on hostile places too.
    tree = os.path.join(home, "tree")
    os.mkdir(tree)
    for number, name in enumerate([b"plain", "späß %23".encode(), b"\xff\n:?#", b"..."]):
        with open(os.path.join(tree.encode(), name), "wb") as file:
            file.write(b"\n" * number + "é ".encode() + tokens[number].encode())
    sarif = json.loads(run("scan", "-o", "sarif", tree, status=1))
    check(sarif["version"] == "2.1.0" and sarif["$schema"].endswith("sarif-2.1.0.json"), "version and schema")
    [sarif_run] = sarif["runs"]
    driver = sarif_run["tool"]["driver"]
    check(driver["name"] == "caplet" and sarif_run["columnKind"] == "unicodeCodePoints", "driver and columns")
    check([rule["id"] for rule in driver["rules"]] == ["caplet-token"], "rules")
    check(sarif_run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}], "invocations")
    check(len(sarif_run["results"]) == 4, "results")
    for result in sarif_run["results"]:
        check(result["message"]["text"] and result["level"] in ("none", "note", "warning", "error"), "message and level")
        check(driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"], "the rule is there")
        [location] = result["locations"]
        place = location["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        check(re.fullmatch(r"file://(/([-A-Za-z0-9._~]|%[0-9A-F]{2})+)+", uri), f"a URI: {uri}")
        path = re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m.group(1), 16)]), uri.removeprefix("file://").encode())
        region = place["region"]
        with open(path, "rb") as file:
            data = file.read()
        token = data[region["byteOffset"]:region["byteOffset"] + region["byteLength"]].decode()
        line = data.decode().split("\n")[region["startLine"] - 1]
        check(token in tokens and line[region["startColumn"] - 1:region["endColumn"] - 1] == token, "the region is the token")
        check(result["partialFingerprints"] == {"capletTokenId/v1": token.split("_")[2]}, "told apart by the id")
    check(not any(token in json.dumps(sarif) for token in tokens), "no secret")

print("rules and SARIF:", "all well" if failures == 0 else f"{failures} failures")
sys.exit(failures != 0)
