#!/usr/bin/python3
"""Draws a real session as the README's picture: caplet on a pseudo-terminal, its screen as SVG.

usage: picture.py CAPLET > packaging/terminal.svg
"""

import os
import sys
import tempfile
import time
from xml.sax.saxutils import escape

import pexpect
import pyte

COLUMNS, ROWS = 112, 27
WIDTH, HEIGHT, MARGIN = 8.4, 19, 18
COLORS = {"default": "#d8dee9", "red": "#ff7b72", "green": "#7ee787", "brown": "#e3b341", "cyan": "#79c0ff"}
SESSION = [
    "T=$(caplet token create -n ci -d 'deploys from the runner' -e 30d)",
    "caplet token create -n till -d 'reads orders' -s orders:read -e 4d --out till.txt",
    "caplet token list",
    "caplet verify --token - <<<\"$T\"",
    "caplet token delete ci --reason 'seen in a log'",
    "caplet verify --token - <<<\"$T\" || echo \"exit status $?\"",
    "caplet audit list --limit 3",
]


def play(caplet):
    screen = pyte.Screen(COLUMNS, ROWS + 20)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(os.path.join(home, "bin"))
        os.symlink(os.path.abspath(caplet), os.path.join(home, "bin", "caplet"))
        environment = {"HOME": home, "PATH": f"{home}/bin:/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8",
                       "TZ": "UTC", "CAPLET_HOME": f"{home}/store"}
        child = pexpect.spawn("bash", ["--norc", "--noprofile"], env=environment, cwd=home,
                              dimensions=(ROWS + 20, COLUMNS), timeout=30)
        child.sendline("bind 'set enable-bracketed-paste off'; caplet init --account ana 2>/dev/null; PS1='$ '; clear")
        time.sleep(1.5)
        for line in SESSION:
            child.sendline(line)
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                try:
                    stream.feed(child.read_nonblocking(65536, 0.1))
                except pexpect.TIMEOUT:
                    pass
        child.close(force=True)
    return screen


def draw(screen):
    rows = [screen.buffer[y] for y in range(screen.lines)]
    texts = ["".join(row[x].data for x in range(COLUMNS)).rstrip() for row in rows]
    first = next(i for i, text in enumerate(texts) if text.startswith("$ T="))
    last = max(i for i, text in enumerate(texts) if text and text != "$")
    height = (last - first + 1) * HEIGHT + 2 * MARGIN
    width = COLUMNS * WIDTH + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" '
           'aria-label="caplet makes, lists, verifies and revokes tokens in a terminal">',
           f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#0d1117"/>',
           '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" '
           'xml:space="preserve">']
    for y in range(first, last + 1):
        row, x = rows[y], 0
        while x < COLUMNS:
            start, look = x, (row[x].fg, row[x].bold)
            text = ""
            while x < COLUMNS and (row[x].fg, row[x].bold) == look:
                text += row[x].data
                x += 1
            text = text.rstrip()
            if text:
                weight = ' font-weight="bold"' if look[1] or (start == 0 and text.startswith("$")) else ""
                top = MARGIN + (y - first) * HEIGHT + 14
                out.append(f'<text x="{MARGIN + start * WIDTH:.1f}" y="{top}" textLength="{len(text) * WIDTH:.1f}" '
                           f'fill="{COLORS.get(look[0], COLORS["default"])}"{weight}>{escape(text)}</text>')
    return "\n".join(out + ["</g>", "</svg>"])


print(draw(play(sys.argv[1])))
