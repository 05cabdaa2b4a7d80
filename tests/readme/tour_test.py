#!/usr/bin/env python3
"""Plays the README from an empty HOME, from top to bottom, in one shell on a terminal: its blocks do as they stand there.

usage: tour_test.py CAPLET README
A block for the console has commands behind "$ ", each followed by what it shows. That is compared, but for ids, tokens,
times, and lines in whose place stands "…". Every command succeeds, unless `echo $?` comes next and says otherwise. A
command under which nothing stands may show anything. Blocks for other programs are those of recipes_test.py; those of
the shell say how caplet is built, and are looked at alone. Nothing else looks like a block.
"""

import difflib
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import fcntl

CAPLET, README = (os.path.abspath(argument) for argument in sys.argv[1:3])
COLUMNS, LINES = 110, 60
# Others each time, and always of this shape. An ellipsis stands for the rest of what is too long for a page.
MASKS = [
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"cpl_(pat|sat)_(\w+…|\w{12}_\*\*\*|\w{62})"), r"<token \1>"),
    (re.compile(r"\b[0-9a-f]{8}(…|[0-9a-f]{56}\b)"), "<checksum>"),
    (re.compile(r"\b(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)[0-9A-Za-z]{12}\b"), "<id>"),
    (re.compile(r"\b[A-Z][a-z]{2} \d\d \d{4}( \d\d:\d\d)?"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r"\bin (\d+) (days|hours|minutes)\b"), "in <time>"),
    (re.compile(r"\((just now|\d+ seconds? ago)\)"), "(just now)"),
    (re.compile(r"\d+(\.\d)? (KiB|MiB|B|bytes)\b"), "<size>"),
    (re.compile(r"/\S*?/home(?=/\.|/caplet)|/home/ana"), "~"),
    (re.compile(r"\b(account|owner) \w+"), r"\1 <name>"),
    (re.compile(r"\b\d+ files\b"), "<number> files"),
    (re.compile(r"([ ─])[ ─]+"), r"\1"),  # a column is as wide as what is in it
    (re.compile(r" +$"), ""),
]


def masked(line):
    for pattern, by in MASKS:
        line = pattern.sub(by, line)
    return line


def blocks(text):
    """The name of each block's language and its lines. What is indented is no block that a reader could tell from text."""
    for part in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield part.group(1), part.group(2).splitlines()
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^(?: {4}|\t)\S.*$", outside, re.MULTILINE):
        sys.exit(f"an indented block, which nothing plays: {line}")


def commands(lines):
    """[command, what it shows]"""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def play(tour, home):
    """What each command showed, and its exit status."""
    # The mark between two commands leaves $? as it was.
    script = ["printf '\\001'"]
    for command, _ in tour:
        script += [command, "__status=$?; printf '\\002%s\\003\\001' $__status; (exit $__status)"]
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    environment = {"HOME": home, "PATH": f"{home}/../bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"}
    shell = subprocess.Popen(["bash", "--norc", "-c", "\n".join(script)], env=environment, cwd=home,
                             stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    screen = bytearray()

    def read():
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                return
            if not data:
                return
            screen.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    shell.wait(timeout=300)
    reader.join()
    text = screen.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return [(shown.splitlines(), int(status)) for shown, status in re.findall("\x01(.*?)\x02(\\d+)\x03", text, re.DOTALL)]


def is_shown(wanted, shown):
    """Whether the lines are those, where "…" is any number of lines."""
    pattern = "".join("(?:.*\n)*?" if line == "…" else re.escape(masked(line)) + "\n" for line in wanted)
    return re.fullmatch(pattern, "".join(masked(line) + "\n" for line in shown)) is not None


def main():
    with open(README, encoding="utf-8") as file:
        all_blocks = list(blocks(file.read()))
    tour = [each for language, lines in all_blocks if language == "console" for each in commands(lines)]
    failures = []
    with open(os.path.join(os.path.dirname(README), "dev"), encoding="utf-8") as file:
        dev = file.read()
    for language, lines in all_blocks:
        for line in lines if language == "sh" else []:
            verb = re.match(r"\./dev (\w+)", line)
            if not verb or f"cmd_{verb.group(1)}()" not in dev:
                failures.append(f"no command of ./dev: {line}")
        if language not in ("console", "sh", "yaml", "cron", "sudoers", "authorized_keys"):
            failures.append(f"a block that nobody looks at: {language or 'without a name'}: {lines[0]}")
    with tempfile.TemporaryDirectory() as top:
        os.makedirs(os.path.join(top, "bin"))
        os.makedirs(os.path.join(top, "home"), mode=0o700)
        os.symlink(CAPLET, os.path.join(top, "bin", "caplet"))
        played = play(tour, os.path.join(top, "home"))
    if len(played) != len(tour):
        failures.append(f"{len(played)} of {len(tour)} commands ended; the last one: {tour[len(played) - 1][0]}")
    compared = 0
    for i, ((command, wanted), (shown, status)) in enumerate(zip(tour, played)):
        is_asked = i + 1 < len(tour) and tour[i + 1][0] == "echo $?"
        if status != 0 and not is_asked:
            failures.append(f"$ {command}\nends with {status}:\n" + "\n".join(shown))
        if wanted:
            compared += 1
            if not is_shown(wanted, shown):
                difference = difflib.ndiff([masked(line) for line in wanted], [masked(line) for line in shown])
                failures.append(f"$ {command}\nshows (+) something else than the page (-):\n" + "\n".join(difference))
    if compared < 20:
        failures.append(f"{compared} commands whose answer is on the page")
    print("\n\n".join(failures) or f"{len(tour)} commands of the README do as it says, {compared} of them to the letter")
    sys.exit(1 if failures else 0)


main()
