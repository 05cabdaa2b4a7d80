#!/usr/bin/env python3
"""The recipes of the README stand in the manual as well, and are what the transcripts run.

usage: recipes_test.py SOURCE_DIRECTORY
"""

import os
import re
import sys

SOURCE = sys.argv[1]
# What tells a recipe, and where it is run: all of it but the names of a machine's own.
RUN_BY = {
    "recipes.txt": [
        'CAPLET_TOKEN=$CAPLET_TOKEN caplet run deploy "$GITHUB_SHA" --timeout 10m',
        'CAPLET_TOKEN=$CAPLET_TOKEN caplet run deploy "$CI_COMMIT_SHORT_SHA" --timeout 10m',
        "CAPLET_TOKEN_FILE=$HOME/.config/deploy.token /usr/local/bin/caplet run deploy nightly",
    ],
    "two_users.txt": [
        "^run --token - [A-Za-z0-9_][A-Za-z0-9_.-]*( -- .*)?",
        "run --token - deploy -- ",
        'command="CAPLET_TOKEN=$CAPLET_TOKEN ',
        "run deploy -f -",
        "SendEnv=CAPLET_TOKEN svc@",
    ],
}


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def plain(text):
    """Without roff's dashes and typographers' dots."""
    return text.replace("\\-", "-").replace("\\e", "\\").replace("…", "...").replace("AAAA... ", "")


def main():
    readme, manual = read("README.md"), plain(read("man", "caplet-recipes.7"))
    section = re.search(r"^## Recipes$(.*?)^## ", readme, re.MULTILINE | re.DOTALL).group(1)
    blocks = re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    failures = [f"not in the manual: {line}" for block in blocks for line in plain(block).splitlines() if line not in manual]
    for name, parts in RUN_BY.items():
        script = read("tests", "scripts", name)
        for part in parts:
            if part not in section:
                failures.append(f"not in the README: {part}")
            if part not in script.replace("\\$", "$"):
                failures.append(f"not run by {name}: {part}")
    recipes = sum("caplet" in block for block in blocks)
    if recipes < 5:
        failures.append(f"{recipes} recipes")
    print("\n".join(failures) or f"{recipes} recipes stand in the manual and are run")
    sys.exit(1 if failures else 0)


main()
