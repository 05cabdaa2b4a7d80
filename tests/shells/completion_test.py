#!/usr/bin/python3
"""Completion in the real shells, on a pseudo-terminal: type, press Tab, read the screen.

usage: completion_test.py CAPLET COMPLETIONS_DIRECTORY
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pexpect
import pyte

CAPLET, SCRIPTS = (os.path.abspath(argument) for argument in sys.argv[1:3])
COLUMNS, ROWS = 100, 40
PATIENCE = 30  # seconds until a screen that does not come is a failure; most come in a few milliseconds
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETUP = {
    "bash": ["PS1='% '; bind 'set bell-style none'", ". /usr/share/bash-completion/bash_completion",
             f". {SCRIPTS}/bash/caplet"],
    "zsh": ["PS1='%% '; unsetopt beep", f"fpath=({SCRIPTS}/zsh $fpath); autoload -Uz compinit; compinit -u -D"],
    "fish": ["function fish_prompt; echo -n '% '; end; set fish_autosuggestion_enabled 0",
             f"source {SCRIPTS}/fish/caplet.fish"],
}


class Screen:
    """A shell, and what a person sees of it."""

    def __init__(self, shell, environment, directory):
        self.shell = shell
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(START[shell][0], START[shell][1:], env=environment, cwd=directory,
                                   dimensions=(ROWS, COLUMNS), timeout=PATIENCE)
        for number, line in enumerate(SETUP[shell]):
            self.type(f"{line}; echo set-up-{number}-do''ne\r")
            self.wait(f"set-up-{number}-done")

    def type(self, keys):
        self.child.send(keys)

    def read(self, seconds=0.05):
        try:
            self.stream.feed(self.child.read_nonblocking(65536, seconds))
            return True
        except pexpect.TIMEOUT:
            return False

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait(self, wanted, patience=PATIENCE):
        end = time.monotonic() + patience
        while not re.search(wanted, self.text(), re.MULTILINE):
            if time.monotonic() > end:
                return False
            self.read()
        return True

    def settle(self, rounds=6):
        """Until nothing more comes: for what must not be there."""
        quiet = 0
        while quiet < rounds:
            quiet = 0 if self.read() else quiet + 1

    def clear(self):
        self.type("\x15\x0c")  # Ctrl-U, Ctrl-L
        self.settle()

    def close(self):
        self.child.close(force=True)


def cases(shell, identifier):
    """What is typed, and what the screen must then show. \\t\\t: bash lists at the second Tab."""
    tabs = "\t\t" if shell == "bash" else "\t"
    yield "caplet tok\t", r"^% caplet token ?$"
    yield "caplet aud\tli\t", r"^% caplet audit list ?$"
    yield "caplet token list --js\t", r"^% caplet token list --json ?$"
    yield "caplet token list -o ts\t", r"^% caplet token list -o tsv ?$"
    yield "caplet token list --output=ts\t", r"^% caplet token list --output=tsv ?$"
    yield f"caplet token list -o {tabs}", r"jsonl .*One JSON object a line"
    yield f"caplet token {tabs}", r"inspect .*Say what a token string says"
    yield "caplet token show run\t", r"^% caplet token show runner-one ?$"
    yield f"caplet token delete runner-one {tabs}", r"robot .*the other one"
    yield f"caplet token show {identifier[:7]}\t", rf"^% caplet token show {identifier} ?$"
    yield "caplet token show my\t", r"^% caplet token show my\\ laptop ?$"
    yield "caplet can orders:re\t", r"^% caplet can orders:read ?$"
    yield "caplet verify --token-file inter\t", r"^% caplet verify --token-file interesting\.txt ?$"
    yield "caplet store restore ./inter\t", r"^% caplet store restore \./interesting\.txt ?$"
    yield "caplet store backup --passphrase-file=inter\t", r"--passphrase-file=interesting\.txt ?$"
    yield "caplet help exit\t", r"^% caplet help exit-codes ?$"
    yield "caplet completion fi\t", r"^% caplet completion fish ?$"
    yield "caplet --color=al\t", r"^% caplet --color=always ?$"
    yield "caplet run dep\t", r"^% caplet run deploy ?$"
    yield f"caplet function show {tabs}", r"deploy .*puts it live"
    yield "caplet token create -n x -s run:dep\t", r"-s run:deploy ?$"
    yield "caplet exec -s orders:read -- caplet tok\t", r"-- caplet token ?$"
    yield "caplet exec -- caplet token li\t", r"^% caplet exec -- caplet token list ?$"


# Names that would be commands, were a shell let near them, and such as end a word where they should not. Each begins
# so that it alone is meant; where one is run, it makes a file.
HOSTILE = [
    "h1$(touch w-1)",
    'h2`touch w-2`"; touch w-3; "',
    "h3'; touch w-4; '",
    "h4!x;touch w-5",
    "h5 & a\\b$'\"",
    "h6 \"$(touch w-6)'",
    "h7@x:y=z<w-7>w-8 ~*#{a,b}",
]
# What is typed of a name before Tab: bare, in an open quote, and (ours to read in bash alone) with quotes within.
OPENINGS = ["{0}{1}", '"{0}{1}', "'{0}{1}"]
WITHIN = ['{0}"{1}', "'{0}'{1}"]


def check_hostile(shell, screen, directory):
    """Completed and entered, a name is a word, however it is quoted: its token is shown, and nothing else is done."""
    failures = []
    for number, name in enumerate(HOSTILE):
        for opening in OPENINGS + (WITHIN if shell == "bash" else []):
            screen.clear()
            typed = "caplet token show " + opening.format(*name[:2])
            screen.type(typed + "\t")
            screen.settle(3)
            completed = screen.text()
            screen.type("\r")
            found = screen.wait(f"found-{number}", 5)
            made = [each for each in os.listdir(directory) if each.startswith("w-")]
            if not found or made:
                failures.append(f"{shell}: {typed!r} was completed to {completed!r}, made {made}, and shows:\n"
                                f"{screen.text()}")
                screen.type("\x03")
            for each in made:
                os.remove(os.path.join(directory, each))
    return failures


def check(shell, environment, directory, identifier):
    screen = Screen(shell, environment, directory)
    failures = check_hostile(shell, screen, directory)
    for typed, wanted in cases(shell, identifier):
        screen.clear()
        for part in re.split(r"(\t)", typed):
            screen.type(part)
            if part == "\t":
                screen.settle()
        if not screen.wait(wanted):
            failures.append(f"{shell}: {typed!r}: no {wanted} on the screen:\n{screen.text()}")
    # Whatever is wrong with a store, nothing is said while somebody types.
    screen.clear()
    screen.type("set -gx CAPLET_HOME /nowhere\r" if shell == "fish" else "export CAPLET_HOME=/nowhere\r")
    screen.clear()
    screen.type("caplet token show zz\t")
    screen.settle()
    if re.sub(r"\s+", " ", screen.text()).strip() != "% caplet token show zz":
        failures.append(f"{shell}: without a store, the screen shows:\n{screen.text()}")
    screen.close()
    return failures


def main():
    with tempfile.TemporaryDirectory() as top:
        binaries, home, work = (os.path.join(top, name) for name in ("bin", "home", "work"))
        for directory in (binaries, home, work):
            os.mkdir(directory)
        os.symlink(CAPLET, os.path.join(binaries, "caplet"))
        environment = {"HOME": home, "CAPLET_HOME": os.path.join(top, "store"), "TERM": "xterm", "LANG": "C.UTF-8",
                       "PATH": f"{binaries}:/usr/bin:/bin", "XDG_RUNTIME_DIR": top}

        def create(*arguments):
            subprocess.run(["caplet", "token", "create", *arguments], env=environment, capture_output=True, check=True)

        create("-n", "runner-one", "-d", "deploys from the runner")
        create("-n", "robot", "-d", "the other one")
        create("-n", "my laptop")
        for number, name in enumerate(HOSTILE):
            create("-n", name, "-d", f"found-{number}")
        create("-n", "till", "-s", "orders:read", "-s", "run:deploy")
        with open(os.path.join(work, "deploy.sh"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n")
        os.chmod(os.path.join(work, "deploy.sh"), 0o755)
        subprocess.run(["caplet", "function", "create", "deploy", "deploy.sh", "-d", "puts it live"], env=environment,
                       cwd=work, capture_output=True, check=True)
        subprocess.run(["caplet", "function", "create", "echo", "deploy.sh"], env=environment,
                       cwd=work, capture_output=True, check=True)
        identifier = subprocess.run(["caplet", "token", "show", "robot", "--field", "id"], env=environment,
                                    capture_output=True, text=True, check=True).stdout.strip()
        with open(os.path.join(work, "interesting.txt"), "w", encoding="utf-8"):
            pass
        failures = []
        for shell in START:
            if shutil.which(shell) is None:
                sys.exit(f"{shell} is not installed: ./dev installs it")
            failures += check(shell, environment, work, identifier)
        print("\n\n".join(failures) or "completion works in " + ", ".join(START))
        sys.exit(1 if failures else 0)


main()
