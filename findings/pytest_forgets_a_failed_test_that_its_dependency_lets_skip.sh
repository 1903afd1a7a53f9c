#!/usr/bin/env bash
# pytest 9.2.0 with pytest-dependency 0.6.1 (Python 3.11): a failed test that depends on one that passed is skipped
# when it is run again, and a skip takes it off the list of what failed. --lf, --ff and --stepwise end green.
#
# Expected: a skipped test stays on that list: nobody has seen it pass.
# Seen, of test_order, which depends on test_login and fails always; before each line a whole run (exit 1):
#   pytest --last-failed: exit 0, "1 skipped, 1 deselected"; the list is empty afterwards
#   pytest --failed-first: exit 0, "1 passed, 1 skipped": the failed test comes before what it depends on
#   pytest --stepwise, twice: exit 2, then 0, "1 skipped, 1 deselected"
#   JUnit of all: failures="0" · pytest, the whole of it in its own order: exit 1, "1 failed, 1 passed"
#
# Why it matters: the marker is for suites whose tests build on each other, and `pytest || pytest --lf` is how jobs
# of such suites are made less flaky: a test that depends on another is green there whatever it does. Who
# has --ff in addopts sees it fail every second time, and takes it for flaky.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-dependency==0.6.1
cat >test_shop.py <<'PYTHON'
import pytest


@pytest.mark.dependency
def test_login():
    pass


@pytest.mark.dependency(depends=["test_login"])
def test_order():
    assert False
PYTHON
still=0
try() {
  local code=0
  env/bin/python -I -m pytest -q --rootdir . --junitxml=report.xml "${@:3}" test_shop.py >said.txt 2>&1 || code=$?
  said="$(tail -n 1 said.txt | sed 's/ in .*//')"
  echo "pytest ${*:3}: exit $code, $said · $(grep -o 'failures="[0-9]*" skipped="[0-9]*"' report.xml)"
  [ "$code $said" = "$1 $2" ] || still=1
}
forgotten() {
  grep -q -x '{}' .pytest_cache/v/cache/lastfailed && grep -q 'failures="0" skipped="1"' report.xml || still=1
}
try 1 '1 failed, 1 passed'
grep -F '"test_shop.py::test_order": true' .pytest_cache/v/cache/lastfailed || still=1
try 0 '1 skipped, 1 deselected' --last-failed
forgotten
try 1 '1 failed, 1 passed'
try 0 '1 passed, 1 skipped' --failed-first
forgotten
try 2 '1 failed, 1 passed' --stepwise
try 0 '1 skipped, 1 deselected' --stepwise
forgotten
try 1 '1 failed, 1 passed'
exit "$still"
