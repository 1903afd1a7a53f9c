#!/usr/bin/env bash
# green 4.0.2 (Python 3.11): tests of a class whose setUpClass fails are not there where its file has another
# class: exit 0, no word, nothing in the JUnit report. So are those of a named module that does not load.
#
# Expected: an error each, as unittest has it: "FAILED (errors=1)", exit 1.
# Seen, beside tests that pass:
#   setUpClass raises, and the file has one more class, above or below: "OK", exit 0 · JUnit: errors="0"
#   it is the only class of its file: exit 1, in JUnit an error of a test without a name
#   tearDownClass raises: exit 0 where a class follows, 1 in the last class of a file
#   green tests.test_imports tests.test_passes, the first without its dependency: exit 0
#   a test passes against expectedFailure: exit 1, and JUnit has no element for it
# (Its issues 121 of 2016 and 244 of 2021 have setUpClass, both closed.)
#
# Why it matters: setUpClass is where a database or a service is started for a class: once it is gone, all
# that needs it is gone from the run, and what is left is green. Nothing but the number of tests tells.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check green==4.0.2
mkdir tests
touch tests/__init__.py
printf 'import unittest\n\n\nclass Passes(unittest.TestCase):\n    def test_passes(self):\n        pass\n' \
  >tests/test_passes.py
# a class of that name whose hook raises, and with `beside` one that passes
module() {
  if [ "$3" = beside ]; then cat tests/test_passes.py; else echo 'import unittest'; fi
  printf '\n\nclass %s(unittest.TestCase):\n    @classmethod\n    def %s(cls):\n' "$1" "$2"
  printf '        raise OSError("no service")\n\n    def test_other(self):\n        pass\n'
}
module First setUpClass beside >tests/test_up.py
module Third setUpClass beside >tests/test_up_last.py
module First setUpClass alone >tests/test_up_alone.py
module First tearDownClass beside >tests/test_down.py
module Third tearDownClass beside >tests/test_down_last.py
sed '1a import not_installed' tests/test_passes.py >tests/test_imports.py
sed 's/    def/    @unittest.expectedFailure\n    def/' tests/test_passes.py >tests/test_unexpected.py
still=0
# the module; the exit codes of green and of unittest, the tests and errors in JUnit
try() {
  local code=0 unittest=0
  env/bin/green -j junit.xml "tests.test_$1" tests.test_passes >said.txt 2>&1 || code=$?
  env/bin/python -m unittest "tests.test_$1" tests.test_passes >unittest.txt 2>&1 || unittest=$?
  counts="$(grep -c '<testcase' junit.xml) $(grep -c '<error' junit.xml || true)"
  echo "$1: exit $code, $(tail -n 1 said.txt), JUnit $counts · $unittest, $(tail -n 1 unittest.txt)"
  [ "$code $unittest $counts" = "$2" ] || still=1
}
try up '0 1 2 0'
try up_last '0 1 2 0'
try up_alone '1 1 2 1'
try down '0 1 3 0'
try down_last '1 1 4 1'
try imports '0 1 1 0'
try unexpected '1 1 1 0'
exit "$still"
