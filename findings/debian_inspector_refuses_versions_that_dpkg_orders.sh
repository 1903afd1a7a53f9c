#!/usr/bin/env bash
# debian-inspector 31.1.1: its reader refuses versions that end in a tilde or a plus, which dpkg
# takes and orders; its comparison, given the parts, orders them as dpkg does.
#
# Seen: compare_versions("1.0~", "1.0") raises ValueError "Invalid version string" · the same two as
# Version objects compare as -1 · dpkg --compare-versions 1.0~ lt 1.0 is true.
#
# Why it matters: who audits packages and lets one such version stop it, or skips it, misses what is
# known against that package.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check debian-inspector==31.1.1
if command -v dpkg > /dev/null; then
    dpkg --compare-versions '1.0~' lt '1.0' && echo "dpkg: 1.0~ is before 1.0"
fi
env/bin/python - <<'PYTHON'
import sys

from debian_inspector.version import Version, compare_version_objects, compare_versions

try:
    compare_versions("1.0~", "1.0")
    refused = False
except ValueError as error:
    print(error)
    refused = True
order = compare_version_objects(Version(0, "1.0~", "0"), Version(0, "1.0", "0"))
print("as objects:", order)
sys.exit(0 if refused and order == -1 else 1)
PYTHON
