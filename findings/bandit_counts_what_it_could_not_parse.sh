#!/usr/bin/env bash
# bandit 1.9.4 (Python 3.11): a file that does not parse is named under "errors", counted under
# "metrics" like one that was looked at, and the command ends with 0.
#
# Seen: exit 0 · errors: [{"filename": "./broken.py", "reason": "syntax error while parsing AST from
# file"}] · metrics["./broken.py"]["loc"] = 1 · results: []
#
# Why it matters: a review or a CI job that goes by bandit's exit code, or that compares the files
# which it was asked about with those in "metrics", calls a file clean that nobody has read. Only
# "errors" tells. (Template files, Python 2 and syntax newer than the interpreter all end like this.)
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check bandit==1.9.4
printf 'def broken(:\n' >broken.py
code=0
env/bin/python -I -m bandit -q -f json -o report.json broken.py || code=$?
env/bin/python - "$code" <<'PYTHON'
import json
import sys

report = json.load(open("report.json", encoding="utf-8"))
seen = {
    "exit": int(sys.argv[1]),
    "errors": [error["reason"] for error in report["errors"]],
    "counted": "./broken.py" in report["metrics"],
    "results": report["results"],
}
print(json.dumps(seen))
still = seen["exit"] == 0 and seen["errors"] and seen["counted"] and not seen["results"]
sys.exit(0 if still else 1)
PYTHON
