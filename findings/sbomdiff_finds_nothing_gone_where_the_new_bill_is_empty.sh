#!/usr/bin/env bash
# sbomdiff 0.6.0 (Python 3.11): a new bill without components is taken to have those of the old one, and
# packages of one name and two groups are one.
#
# Expected: "Removed packages: 1", "New packages: 1", exit 1, as its page has it for any difference.
# Seen, old and new bill (CycloneDX 1.6), exit status:
#   one package · another beside it:                        1, "New packages: 1"
#   one package · none, "components": []:                   0, "Removed packages: 0"
#   org.a:core 1.0.0 · org.b:core 9.0.0 (GPL) beside it:    0, "New packages: 0"
#   semver 7.7.2 · semver 5.7.2 beside it:                  0, "New packages: 0"
#   the same with 5.7.2 named first:                        1, "Version changed from 7.7.2 to 5.7.2"
#
# Why it matters: a bill becomes empty where its generator looked into the wrong folder or before the install,
# and that is the one change that a comparison with the last release's bill should not let through. Names
# alone do not tell Java's artifacts, npm's scopes or two copies of one package apart, and whether the second
# is seen hangs on the order in the file.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check sbomdiff==0.6.0 lib4sbom==0.10.4
env/bin/python - <<'PYTHON'
import json
import subprocess
import sys


def package(name, version, licence="MIT", group=None):
    where = f"maven/{group}/{name}" if group else f"npm/{name}"
    purl = f"pkg:{where}@{version}"
    told = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return told | {"licenses": [{"license": {"id": licence}}]} | ({"group": group} if group else {})


def differ(name, old, new):
    for file, components in (("old.json", old), ("new.json", new)):
        shop = {"type": "application", "bom-ref": "shop", "name": "shop", "version": "1.0.0"}
        bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": shop}}
        with open(file, "w", encoding="utf-8") as stream:
            json.dump(bill | {"components": components}, stream)
    ended = subprocess.run(["env/bin/sbomdiff", "old.json", "new.json"], capture_output=True, text=True)
    counts = [int(line.split(":")[1]) for line in ended.stdout.splitlines() if line.split(":")[-1].strip().isdigit()]
    print(f"{name}: exit {ended.returncode} · versions, licences, removed, new: {counts}")
    return ended.returncode, counts


core, other = package("core", "1.0.0", group="org.a"), package("core", "9.0.0", "GPL-3.0-only", "org.b")
newer, older = package("semver", "7.7.2"), package("semver", "5.7.2")
seen = [
    differ("one more", [newer], [newer, package("a", "1.0.0")]),
    differ("none left", [newer], []),
    differ("another group", [core], [core, other]),
    differ("another version behind", [newer], [newer, older]),
    differ("another version before", [newer], [older, newer]),
]
nothing = (0, [0, 0, 0, 0])
sys.exit(0 if seen == [(1, [0, 0, 0, 1]), nothing, nothing, nothing, (1, [1, 0, 0, 0])] else 1)
PYTHON
