#!/usr/bin/env bash
# cosmic-ray 8.7.0 (Python 3.11): a session in which no test ran has the best rate there is, 0.00 of mutants
# survive, and its gate, `cr-rate --fail-over`, ends with 0.
#
# Expected: an error, or no rate: nothing was tried.
# Seen, test-command that is not there: exec exit 0 · cr-report "complete: 34 (100.00%)", "surviving mutants:
#   0 (0.00%)" · cr-rate --fail-over 1: "0.00", exit 0 · cr-xml of the same session: failures="34", each
#   "Mutant has survived your unit tests". python -m pytest in an environment without pytest: the same rate.
#   Before anything was executed: "0.00", exit 0 as well. (Its issue 336 of 2017 has a part of it, closed.)
#   With the tests, which leave some alive: exit 1.
#
# Why it matters: `cosmic-ray baseline` is there to be called first, and is all that notices; exec does not
# ask for it. A job whose environment lost its test runner, or whose exec was left out or ended before its
# first mutant, is better than any that tested: 100% killed of what nobody tried.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
python3 -m venv without
env/bin/pip install --quiet --disable-pip-version-check cosmic-ray==8.7.0 pytest==9.2.0
printf 'def price(n):\n    if n > 10:\n        return n * 2\n    return n + 1\n' >price.py
printf 'import price\n\n\ndef test_price():\n    assert price.price(1) == 2\n' >test_price.py
still=0
rate() {
  local code=0
  env/bin/cr-rate --fail-over 1 "$1.sqlite" >said.txt 2>&1 || code=$?
  printf '%s: cr-rate --fail-over 1: exit %s, %s\n' "$1" "$code" "$(cat said.txt)"
  [ "$code" = "$2" ] || still=1
}
session() {
  printf '[cosmic-ray]\nmodule-path = "price.py"\ntimeout = 20.0\nexcluded-modules = []\n' >"$1.toml"
  printf 'test-command = "%s"\n[cosmic-ray.distributor]\nname = "local"\n' "$2" >>"$1.toml"
  env/bin/cosmic-ray init "$1.toml" "$1.sqlite"
  [ "$1" = not-begun ] || env/bin/cosmic-ray exec "$1.toml" "$1.sqlite" || still=1
  rate "$1" "$3"
}
session tested "$folder/env/bin/python -m pytest -x -q" 1
session not-begun "$folder/env/bin/python -m pytest -x -q" 0
session no-command no-such-command 0
session no-pytest "$folder/without/bin/python -m pytest -x -q" 0
env/bin/cr-report no-command.sqlite | tail -n 3
env/bin/cr-xml no-command.sqlite | grep -m 1 -o '<testsuite [^>]*>'
env/bin/cr-report no-command.sqlite | grep -q '^surviving mutants: 0 (0.00%)$' || still=1
env/bin/cr-xml no-command.sqlite | grep -q 'failures="34".*tests="34"' || still=1
exit "$still"
