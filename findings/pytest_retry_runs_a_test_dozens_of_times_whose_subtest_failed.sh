#!/usr/bin/env bash
# pytest-retry 1.7.0 with pytest 9.2.0 (Python 3.11): with --retries 1 a test in which a subtest fails runs
# some 40 times, and the report has another reason than the one that it fails for.
#
# Expected: two runs, as --retries says and as a test without subtests has; the reason of the subtest.
# Seen, of a test with the fixture `subtests` (pytest's own since 9.0) of which one of three parts fails:
#   --retries 1: 41 runs, "2 failed, 122 subtests passed, 41 retried"; --retries 2: 41 as well
#   the reason: "SUBFAILED(number=1) test_parts - KeyError: 'subtests'", not the assertion
#   JUnit: tests="124" of one test · without pytest-retry: 1 run, tests="4", the assertion
#   the same assertion outside of a subtest: 2 runs, "1 failed, 1 retried"
#
# Why it matters: a test of ten seconds takes seven minutes as soon as it fails, which is when a job's time
# runs out, and what is told is a fault of the plugin: nobody learns from it which part failed why.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-retry==1.7.0
mkdir parts whole
cat >parts/test_parts.py <<'PYTHON'
def test_parts(subtests):
    with open("runs.txt", "a") as runs:
        runs.write("x")
    for number in range(3):
        with subtests.test(number=number):
            assert number != 1, "seen"
PYTHON
cat >whole/test_whole.py <<'PYTHON'
def test_whole():
    with open("runs.txt", "a") as runs:
        runs.write("x")
    assert False, "seen"
PYTHON
# the folder, and the options; sets runs, and said
try() {
  local code=0
  rm -f runs.txt
  env/bin/python -I -m pytest -q --rootdir . -p no:cacheprovider --junitxml=junit.xml "$@" >said.txt 2>&1 ||
    code=$?
  runs="$(wc -c <runs.txt)"
  said="$(grep -E '^(SUBFAILED|FAILED)' said.txt | head -n 1)"
  echo "$*: exit $code, $runs runs, $(tail -n 1 said.txt) · $said · $(grep -o ' tests="[0-9]*"' junit.xml)"
}
try whole --retries 1
[ "$runs" = 2 ] || exit 1
try parts -p no:pytest-retry
[ "$runs" = 1 ] || exit 1
grep -q '^SUBFAILED.*AssertionError: seen' said.txt || exit 1
try parts --retries 1
[ "$runs" -gt 20 ] || exit 1
grep -q "^SUBFAILED.*KeyError: 'subtests'" said.txt || exit 1
