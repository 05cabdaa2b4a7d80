#!/usr/bin/env python3
"""What `caplet run` costs: a sealed /bin/true against fork, exec and one durable commit; large output against cat."""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 60
OUTPUT = 1 << 30
caplet = os.path.abspath(sys.argv[1])


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_memory(words, environment):
    """Of the process itself and what it has waited for, in KiB."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        os.execve(words[0], words, environment)
    return os.wait4(pid, 0)[2].ru_maxrss


with tempfile.TemporaryDirectory() as home:
    environment = {"CAPLET_HOME": home, "PATH": os.environ["PATH"], "HOME": home}

    def run(*words, **options):
        return subprocess.run([caplet, *words], env=environment, check=True, **options)

    def script(name, text):
        path = os.path.join(home, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        run("function", "create", name, path, capture_output=True)

    run("function", "create", "true", os.path.realpath("/bin/true"), capture_output=True)
    script("large", f"#!/bin/sh\nexec head -c {OUTPUT} /dev/zero\n")
    script("small", "#!/bin/sh\nexec head -c 1000000 /dev/zero\n")

    database = sqlite3.connect(os.path.join(home, "floor.db"), isolation_level=None)
    database.execute("pragma journal_mode=delete")
    database.execute("pragma synchronous=extra")
    database.execute("create table t(x)")

    def floor():
        subprocess.run(["/bin/true"], check=True)
        database.execute("insert into t values(randomblob(300))")

    pairs = [(seconds(lambda: run("run", "true")), seconds(floor)) for _ in range(ROUNDS)][5:]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{'run a sealed true':<34} {statistics.median(a for a, _ in pairs) * 1e3:>9.2f} ms   fork, exec, commit "
          f"{statistics.median(b for _, b in pairs) * 1e3:>6.2f} ms   time {ratio:.2f} x   (target: time at most 3.0 x)")

    def through(command):
        subprocess.run(f"{command} | cat >/dev/null", shell=True, env=environment, check=True)

    ours, cats = [], []
    for _ in range(5):
        ours.append(OUTPUT / seconds(lambda: through(f"{caplet} run large")) / 1e6)
        cats.append(OUTPUT / seconds(lambda: through(f"head -c {OUTPUT} /dev/zero | cat")) / 1e6)
    rate, cat = statistics.median(ours), statistics.median(cats)
    print(f"{'output of run, 1 GiB':<34} {rate:>9.0f} MB/s cat {cat:>22.0f} MB/s rate {rate / cat * 100:.0f} %   "
          "(target: 500 MB/s or 60 %, whichever is lower)")
    small = peak_memory([caplet, "run", "small"], environment)
    large = peak_memory([caplet, "run", "large"], environment)
    print(f"{'memory of run':<34} {large:>9} KiB for 1 GiB of output, {small} KiB for 1 MB   (target: the same)")
