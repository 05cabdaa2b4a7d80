#!/usr/bin/env python3
"""caplet scan of a tree of 1 GiB, in turn with grep -rE and ripgrep looking for the same expression.

The tree is like a source tree: many small files of words, some larger ones, some of random bytes; here and there a token.
It is made in a temporary directory, read once by each so that all find it in memory, and removed.
"""

import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = int(os.environ.get("CAPLET_BENCH_SCAN_MIB", "1024")) << 20
ROUNDS = int(os.environ.get("CAPLET_BENCH_SCAN_ROUNDS", "5"))
caplet = os.path.abspath(sys.argv[1])


def words(rng, size):
    vocabulary = ["return", "self", "for", "_pat_", "value_at_index", "if", "std::string", "token", "(", ");\n", "{\n",
                  "}\n\n", " = ", "data", "# says what it is\n", "\t", "0x7f", "naïve", "get_status_code", "cpl_pat_x"]
    text = []
    length = 0
    while length < size:
        word = rng.choice(vocabulary) + " "
        text.append(word)
        length += len(word)
    return "".join(text).encode()


def make_tree(top, tokens):
    rng = random.Random(1)
    texts = [words(rng, 1 << 17) for _ in range(16)]
    made = 0
    number = 0
    while made < SIZE:
        directory = os.path.join(top, f"d{number // 4000}", f"e{number // 100}")
        os.makedirs(directory, exist_ok=True)
        kind = rng.random()
        if kind < 0.9:  # a source file
            text = rng.choice(texts)
            start = rng.randrange(len(text) // 2)
            data = text[start:start + int(rng.lognormvariate(8.7, 1.2)) + 1]
        elif kind < 0.99:  # a larger one
            data = b"".join(rng.choice(texts) for _ in range(2))
        else:  # a picture, an archive
            data = rng.randbytes(1 << 18)
        if tokens and number % 997 == 0:
            data += b"\nT=" + tokens[number % len(tokens)] + b"\n"
        with open(os.path.join(directory, f"f{number}.txt"), "wb") as file:
            file.write(data)
        made += len(data)
        number += 1
    return number


def seconds(command, environment):
    start = time.perf_counter()
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert result.returncode in (0, 1), (command, result.returncode)
    return time.perf_counter() - start, result.stdout


def places(output):
    """The files that were named."""
    return {line.split(b":")[0] for line in output.splitlines() if line}


with tempfile.TemporaryDirectory() as home:
    environment = {"CAPLET_HOME": os.path.join(home, "store"), "PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C"}
    create = [caplet, "token", "create", "-n"]
    tokens = [subprocess.run(create + [f"t{i}"], env=environment, capture_output=True, check=True).stdout.strip()
              for i in range(8)]
    rule = subprocess.run([caplet, "scan", "--rules", "trufflehog"], env=environment, capture_output=True, check=True)
    expression = re.search(r"token: '(.*)'", rule.stdout.decode()).group(1).replace("(?:", "(")
    tree = os.path.join(home, "tree")
    files = make_tree(tree, tokens)
    print(f"a tree of {SIZE >> 20} MiB in {files} files, {os.cpu_count()} processors; the expression: {expression}")

    others = {"grep -rE": ["grep", "-rE", "--binary-files=text", "-o", expression, tree],
              "ripgrep": ["rg", "--hidden", "--no-ignore", "--text", "-o", "--no-heading", expression, tree],
              "caplet, 1 thread": [caplet, "scan", "--threads", "1", "--max-binary", "1G", tree]}
    ours = [caplet, "scan", "--max-binary", "1G", tree]
    found = places(seconds(ours, environment)[1])
    assert len(found) == (files + 996) // 997, (len(found), files)
    for name, command in others.items():
        if not shutil.which(command[0]):
            print(f"{name} is not installed: not compared")
            continue
        assert places(seconds(command, environment)[1]) == found, f"{name} found other files"
        pairs = [(seconds(ours, environment)[0], seconds(command, environment)[0]) for _ in range(ROUNDS)]
        mine = statistics.median(a for a, _ in pairs)
        theirs = statistics.median(b for _, b in pairs)
        ratio = statistics.median(b / a for a, b in pairs)
        target = "speed at least 1.0 x" if name == "grep -rE" else "none"
        print(f"{'scan 1 GiB':<34} {mine * 1e3:>9.0f} ms   {name} {theirs * 1e3:>9.0f} ms   speed {ratio:.2f} x   "
              f"(target: {target})")
