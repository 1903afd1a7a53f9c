#!/usr/bin/env bash
# pytest-html 4.2.0 and allure-pytest 2.16.2 with pytest 9.2.0 and pytest-xdist 3.8.0 (Python 3.11): a test whose
# worker died is a failed test for pytest and in JUnit, and in the HTML page and Allure's results it is not there.
#
# Expected: a failed test, as xdist reports it: "worker 'gw0' crashed while running 'test_shop.py::test_dies'".
# Seen, of one test that ends its process beside four that pass, -n 2:
#   pytest: exit 1, "1 failed, 4 passed" · JUnit: tests="5" errors="1"
#   pytest-html: four rows, all of them Passed, and "0 Failed", "0 Errors" above them
#   allure-pytest: four results, all of them passed
#
# Why it matters: out of memory and a segmentation fault of an extension are what kills workers, and the page is
# what people look at: a red job whose report has nothing red is run again until it is green. Allure's gate goes
# by its results, and so does what compares them with the run before. (Allure: allure-python's issue 825.)
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-xdist==3.8.0 pytest-html==4.2.0 \
  allure-pytest==2.16.2
cat >test_shop.py <<'PYTHON'
import os

import pytest


@pytest.mark.parametrize("number", range(4))
def test_passes(number):
    pass


def test_dies():
    os._exit(3)
PYTHON
code=0
env/bin/python -I -m pytest -q -n 2 --rootdir . --junitxml=report.xml --html=report.html --self-contained-html \
  --alluredir=allure . >said.txt 2>&1 || code=$?
grep 'crashed while running' said.txt | tail -n 1
echo "exit $code, $(tail -n 1 said.txt) · $(grep -o 'errors=.* tests="[0-9]*"' report.xml)"
python3 - "$code" <<'PYTHON'
import html
import json
import pathlib
import re
import sys

page = pathlib.Path("report.html").read_text()
blob = re.search(r'data-jsonblob="([^"]*)"', page)
rows = {}
for name, attempts in json.loads(html.unescape(blob[1]))["tests"].items():
    rows[name] = [one["result"] for one in attempts]
results = []
for path in pathlib.Path("allure").glob("*-result.json"):
    result = json.loads(path.read_text())
    results.append((result["name"], result["status"]))
counted = re.findall(r"\d+ (?:Failed|Errors)", page)
print(f"HTML: {counted}, rows {rows}", f"Allure: {results}", sep="\n")
passed = list(rows.values()) == [["Passed"]] * 4 and [one[1] for one in results] == ["passed"] * 4
report = pathlib.Path("report.xml").read_text()
is_red = sys.argv[1] == "1" and 'errors="1"' in report and "test_dies" in report
passed = passed and counted == ["0 Failed", "0 Errors"]
sys.exit(0 if is_red and passed and "test_dies" not in f"{rows}{results}" else 1)
PYTHON
