#!/usr/bin/env python3
"""Plays the README's blocks for the console, in order, in one shell: every command must do as the page says.

usage: tour_test.py CAPLET README
A command that goes on past a failure (`; echo $?`, `|| …`) says so itself. What is between two blocks is made by SCENES.
"""

import os
import re
import subprocess
import sys
import tempfile

CAPLET, README = (os.path.abspath(argument) for argument in sys.argv[1:3])
# What the page takes for granted: before a block under this heading.
SCENES = {
    "Five minutes": "mkdir -p ~/elsewhere",
    "One token for each job": "caplet token create -n ci >/dev/null 2>&1",
    "Many tokens": "cd; for n in 1 2; do echo '{\"name\": \"seat-'$n'\", \"scopes\": [\"captcha:solve\"], \"expires\": \"30d\"}'; "
                   "done >seats.jsonl; cp reader.txt presented.txt",
    "Functions: a token that may run one thing": "TAG=v1; printf '#!/bin/sh\\ncat\\n' >deploy.sh; chmod +x deploy.sh",
}
# A command of the page's that stands for others: what is played instead.
INSTEAD = [
    (re.compile(r"^caplet verify --batch.*"), "caplet verify --batch -s captcha:solve < presented.txt || [ $? = 1 ]"),
    (re.compile(r"^caplet doctor.*"), "caplet doctor || [ $? = 1 ]"),
    (re.compile(r"^caplet function create deploy .*"), "caplet function create deploy ./deploy.sh --timeout 10m --cwd /tmp"),
    (re.compile(r"^T=\$\(caplet token create -n ci -f .*"), "T=$(caplet token create -n runner -f deploy -e 30d)"),
    # The token is limited, and the page shows the question; this is its answer.
    (re.compile(r"^caplet verify --token-file hook\.txt .*"),
     "caplet token create -n shown -s orders:write --out hook.txt >/dev/null 2>&1; caplet verify --token-file hook.txt -s orders:write"),
    (re.compile(r"^caplet can orders:read --token-file reader\.txt.*"),
     "caplet token create -n shown-too -s orders:read --out reader.txt >/dev/null 2>&1; caplet can orders:read --token-file reader.txt"),
]


def blocks(text):
    heading = ""
    for part in re.finditer(r"^## ([^\n]*)$|^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if part.group(1):
            heading = part.group(1)
        else:
            yield heading, [line[2:] for line in part.group(2).splitlines() if line.startswith("$ ")]


def main():
    with open(README, encoding="utf-8") as file:
        tour = list(blocks(file.read()))
    if not tour:
        sys.exit("the README has no block for the console")
    with tempfile.TemporaryDirectory() as top:
        os.makedirs(os.path.join(top, "bin"))
        os.symlink(CAPLET, os.path.join(top, "bin", "caplet"))
        environment = {"HOME": top, "PATH": f"{top}/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        script, count = ["set -e", "cd"], 0
        for heading, commands in tour:
            script.append(SCENES.get(heading, ":"))
            for command in commands:
                count += 1
                script.append(f"echo '+ command {count}' >&2")
                for pattern, other in INSTEAD:
                    command = other if pattern.match(command) else command
                script.append(command.replace("; echo $?", " || echo $?"))
        run = subprocess.run(["bash", "-c", "\n".join(script)], env=environment, cwd=top, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"the tour ends with {run.returncode}:\n{run.stderr[-2000:]}\n{run.stdout[-2000:]}")
    print(f"{count} commands of the README do as it says")


main()
