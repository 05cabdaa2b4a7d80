#!/usr/bin/env python3
"""Breaks one defence at a time in a copy of the tree, and says which of them no test missed: ./dev mutate

usage: tests/mutation/run.py [--sample K] [NUMBER|NAME]...

A mutant is killed when the test that is named beside it fails, or does not end. One that survives, does not compile, or
whose source is not found exactly once is a failure.
"""
import argparse
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "mutation"
TREE = HOME / "tree"
BUILD = HOME / "build"
QUICK = ("core", "store")  # tests that need no binary: little is built for a sample of their mutants
TIMEOUT = 300  # seconds; the slowest test takes a tenth of that


def copy_tree():
    """The tracked and new files as they stand here; what is the same keeps its time, so that little is built again."""
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    wanted = {name for name in listing.stdout.decode().splitlines() if (ROOT / name).is_file()}
    for old in [path for path in TREE.rglob("*") if path.is_file()] if TREE.exists() else []:
        if str(old.relative_to(TREE)) not in wanted:
            old.unlink()
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        target.chmod(source.stat().st_mode)


def configure():
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                        "-DCMAKE_CXX_FLAGS=-O0 -w", "-DCAPLET_PCH=ON"], check=True, stdout=subprocess.DEVNULL)


def target_of(test):
    return {"format": "caplet", "script": "test_cli"}.get(test[0], "test_" + test[0])


def build(test):
    done = subprocess.run(["ninja", "-C", BUILD, "--quiet", target_of(test)], capture_output=True, text=True)
    return done.stdout if done.returncode else None


def command_of(test):
    kind, *which = test
    if kind == "format":
        return ["python3", TREE / "tests/format/format_test.py", BUILD / "caplet", TREE / "store/FORMAT.md",
                TREE / "tests/vectors/format-2"]
    if kind == "script":
        return [BUILD / "tests/test_cli", "transcripts", "-c", *which]
    return [BUILD / "tests" / ("test_" + kind), *(each.replace(",", "\\,") for each in which)]  # a comma means "or"


def run(test):
    """Whether the test passed (nothing where this machine cannot run it), and its output."""
    try:
        done = subprocess.run(command_of(test), capture_output=True, text=True, errors="replace", timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return False, "it did not end"
    text = done.stdout + done.stderr
    if "No test cases matched" in text or "No tests ran" in text:
        sys.exit(f"mutate: {' '.join(test)}: nothing was run\n{text}")
    if "SKIPPED" in text:
        return None, text
    return done.returncode == 0, text


def check_list():
    """So that the list does not rot: every snippet stands in its file exactly once."""
    wrong = [f"{m.name}: {(ROOT / m.file).read_text().count(m.find) if (ROOT / m.file).exists() else 'no file'} times in {m.file}"
             for m in MUTANTS if not (ROOT / m.file).exists() or (ROOT / m.file).read_text().count(m.find) != 1]
    names = [m.name for m in MUTANTS]
    wrong += [f"{name}: twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if wrong:
        sys.exit("mutate: the list does not fit the source:\n  " + "\n  ".join(wrong))


def select(arguments):
    if arguments.sample:
        # Another part of them with each commit, so that all have their turn.
        commit = int(subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout, 16)
        quick = [m for m in MUTANTS if m.test[0] in QUICK]
        return [quick[(commit + i) % len(quick)] for i in range(min(arguments.sample, len(quick)))]
    if not arguments.which:
        return MUTANTS
    named = {m.name: m for m in MUTANTS} | {str(i + 1): m for i, m in enumerate(MUTANTS)}
    unknown = [each for each in arguments.which if each not in named]
    if unknown:
        sys.exit("mutate: no such mutant: " + ", ".join(unknown))
    return [named[each] for each in arguments.which]


def outcome(mutant):
    path = TREE / mutant.file
    whole = path.read_text()
    path.write_text(whole.replace(mutant.find, mutant.replace))
    try:
        problem = build(mutant.test)
        if problem is not None:
            return "does not compile\n" + problem
        passed, _ = run(mutant.test)
        return "SURVIVED" if passed else "killed"
    finally:
        path.write_text(whole)


def main():
    parser = argparse.ArgumentParser(description="break one defence at a time; a test must notice")
    parser.add_argument("--sample", type=int, metavar="K", help="K mutants that are tested quickly, others with each commit")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("which", nargs="*", metavar="NUMBER|NAME")
    arguments = parser.parse_args()
    check_list()
    if arguments.list:
        for number, mutant in enumerate(MUTANTS, 1):
            print(f"{number:3} {mutant.name:28} {' '.join(mutant.test)}")
        return
    chosen = select(arguments)
    # What an outer run of ours set must not decide what the tests do.
    for name in [n for n in os.environ if n.startswith("CAPLET_")]:
        del os.environ[name]
    copy_tree()
    configure()
    for test in sorted({m.test for m in chosen}):
        problem = build(test)
        passed, text = (False, problem) if problem is not None else run(test)
        if passed is None:
            print(f"not run, because this machine cannot: {' '.join(test)}")
            chosen = [mutant for mutant in chosen if mutant.test != test]
        elif not passed:
            sys.exit(f"mutate: {' '.join(test)} fails before anything is broken:\n{text}")
    killed = 0
    for mutant in chosen:
        result = outcome(mutant)
        killed += result == "killed"
        print(f"{MUTANTS.index(mutant) + 1:3} {mutant.name:28} {result}", flush=True)
    survived = len(chosen) - killed
    print(f"{len(chosen)} mutants, {killed} killed, {survived} survived")
    sys.exit(1 if survived else 0)


main()
