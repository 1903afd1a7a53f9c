#!/usr/bin/env bash
# pytest-retry 1.7.0 with pytest 9.2.0 (Python 3.11): when a failed test is run again, an error of its
# set-up is thrown away. The body runs all the same, and where it passes the test has passed.
#
# Expected: an error or a failed attempt, as of the first attempt, and as pytest-rerunfailures 16.7 and
# flaky 3.8.1 have it.
# Seen, of an autouse fixture that empties the stock and cannot the second time, and a test that adds one and
# fails below two: --retries 1: "test_stock passed on attempt 2!", "1 passed, 1 retried", exit 0 · JUnit:
# tests="1" failures="0" errors="0", no word of the fixture. pytest.skip() in the fixture: the same.
# --reruns 1 and --force-flaky: "1 error", exit 1, errors="1".
#
# Why it matters: second attempts are made where a service is slow or a table is dirty, which is where the
# set-up of the second attempt fails as well. What the first attempt left behind then makes the test pass: a
# pass on a state that its own fixture refuses, and a flaky test in no report, since JUnit has the last
# attempt alone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
still=0
cat >test_stock.py <<'PYTHON'
import pathlib

import pytest

STOCK = pathlib.Path("stock.txt")


@pytest.fixture(autouse=True)
def empty_stock():
    if STOCK.exists():
        HOW("the stock cannot be emptied")


def test_stock():
    before = STOCK.read_text() if STOCK.exists() else ""
    STOCK.write_text(before + "x")
    assert len(STOCK.read_text()) == 2
PYTHON
try() {
  local code=0
  read -r -a again <<<"$4"
  [ -d "$1" ] || {
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 "$1==$2"
  }
  mkdir -p tests
  sed "s/HOW/$3/" test_stock.py >tests/test_stock.py
  rm -f tests/stock.txt
  (cd tests && "../$1/bin/python" -I -m pytest -q --rootdir . -p no:cacheprovider "${again[@]}" \
    --junitxml=../junit.xml . >../said.txt 2>&1) || code=$?
  counts="$(grep -o 'errors="[0-9]*" failures="[0-9]*"' junit.xml)"
  echo "$1 $4, $3: exit $code, $(tail -n 1 said.txt) · $counts"
  [ "$code $counts" = "$5" ] || still=1
}
try pytest-retry 1.7.0 pytest.fail '--retries 1' '0 errors="0" failures="0"'
grep -F 'test_stock passed on attempt 2!' said.txt || still=1
! grep -q 'cannot be emptied' said.txt junit.xml || still=1
try pytest-retry 1.7.0 pytest.skip '--retries 1' '0 errors="0" failures="0"'
try pytest-rerunfailures 16.7 pytest.fail '--reruns 1' '1 errors="1" failures="0"'
try flaky 3.8.1 pytest.fail '--force-flaky --max-runs 2' '1 errors="1" failures="0"'
exit "$still"
