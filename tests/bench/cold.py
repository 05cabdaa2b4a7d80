#!/usr/bin/env python3
"""Whole processes from cold, in turn with sqlite3 (and gh, where it is) doing the like, on a store of 1,000 tokens."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 200
caplet = os.path.abspath(sys.argv[1])


def seconds(command, environment):
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(what, ours, floor_name, floor, environment, target):
    pairs = [(seconds(ours, environment), seconds(floor, environment)) for _ in range(ROUNDS)][10:]
    mine = statistics.median(a for a, _ in pairs) * 1e3
    theirs = statistics.median(b for _, b in pairs) * 1e3
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{what:<34} {mine:>9.2f} ms   {floor_name} {theirs:>9.2f} ms   time {ratio:.2f} x   (target: {target})")


with tempfile.TemporaryDirectory() as home:
    environment = {"CAPLET_HOME": home, "PATH": os.environ["PATH"], "HOME": home}

    def create(name):
        run = subprocess.run([caplet, "token", "create", "-n", name], env=environment, capture_output=True, check=True)
        return run.stdout.decode().strip()

    for i in range(999):
        create(f"token-{i}")
    token = create("last")
    identifier = token.split("_")[2]
    environment["CAPLET_TOKEN"] = token
    store = os.path.join(home, "store.db")
    subprocess.run([caplet, "verify"], env=environment, stdout=subprocess.DEVNULL, check=True)  # stamps the last use
    query = f"select sealed from record where id = '{identifier}'"
    compare("cold verify, 1000 tokens", [caplet, "verify"], "sqlite3 select", ["sqlite3", store, query], environment,
            "time at most 2.0 x")
    compare("cold list, 1000 tokens", [caplet, "token", "list"], "sqlite3 select",
            ["sqlite3", store, "select * from record"], environment, "none yet")
    if shutil.which("gh"):
        compare("cold verify", [caplet, "verify"], "gh --version", ["gh", "--version"], environment, "time at most 0.125 x")

# What a person waits for: help, a list, Tab, on a store of 20 tokens.
with tempfile.TemporaryDirectory() as home:
    environment = {"CAPLET_HOME": home, "PATH": os.environ["PATH"], "HOME": home}
    for i in range(20):
        subprocess.run([caplet, "token", "create", "-n", f"token-{i}"], env=environment, capture_output=True, check=True)
    count = ["sqlite3", os.path.join(home, "store.db"), "select count(*) from record"]
    asked = {"--help": ["--help"], "token list of 20": ["token", "list"],
             "__complete token show": ["__complete", "token", "show", ""]}
    for what, words in asked.items():
        compare(f"cold {what}", [caplet, *words], "sqlite3 count", count, environment, "time at most 2.0 x")
    if shutil.which("gh"):
        for what, words, theirs in (("--help", ["--help"], ["--help"]),
                                    ("completion", ["__complete", "token", "sh"], ["__complete", "issue", "li"])):
            compare(f"cold {what}", [caplet, *words], "gh", ["gh", *theirs], environment, "time at most 0.125 x")
    else:
        print("gh is not installed: not compared")
