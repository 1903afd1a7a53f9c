#!/usr/bin/env bash
# pytest-json-report 1.5.0 with pytest 9.2.0 (Python 3.11): a unittest.TestCase in which a subtest
# failed has the outcome "subtests passed", and the summary counts no failure.
#
# Expected: outcome "failed", as pytest's own line has it ("1 failed, 1 passed, 2 subtests passed").
# Seen: "exitcode": 1 · "summary": {"subtests passed": 1, "total": 1, "collected": 1} · the only test:
# "outcome": "subtests passed". (With the fixture `subtests` it is "failed".)
#
# Why it matters: who reads summary.failed, or looks for tests that failed, finds none in a red run.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-json-report==1.5.0
cat >test_parts.py <<'PYTHON'
import unittest


class Parts(unittest.TestCase):
    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)
PYTHON
code=0
env/bin/python -I -m pytest -q --rootdir . --json-report --json-report-file=report.json . >said.txt || code=$?
tail -n 1 said.txt
python3 - "$code" <<'PYTHON'
import json
import sys

report = json.load(open("report.json", encoding="utf-8"))
outcomes = [test["outcome"] for test in report["tests"]]
print(report["exitcode"], report["summary"], outcomes)
still = sys.argv[1] == "1" and "failed" not in report["summary"] and outcomes == ["subtests passed"]
sys.exit(0 if still else 1)
PYTHON
