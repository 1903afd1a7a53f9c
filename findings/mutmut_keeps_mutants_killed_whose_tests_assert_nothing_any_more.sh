#!/usr/bin/env bash
# mutmut 3.8.1 with pytest 9.2.0 (Python 3.11): where a function has not changed, its mutants keep what they
# came to when they were tried, whatever became of the tests. `mutmut run` says so again, and tries none.
#
# Expected: mutants are tried again once a test that reached them has changed: its guide says that it looks for
# changed files that are not Python, since changes of Python are seen function by function.
# Seen, of one function and its test, in one folder, with on_dependency_change=rerun:
#   four assertions: "6 killed"
#   all four taken away, the calls left: `mutmut run` runs the tests, tries no mutant ("0.00
#     mutations/second"), exit 0; mutmut-cicd-stats.json: killed 6, survived 0
#   the folder mutants removed: survived 6
#   the assertions back: killed 0, survived 6
#
# Why it matters: the score is there to say that tests got worse, and it cannot: it is that of the day when
# the code was last changed. Where CI keeps the folder between runs, or a developer runs it again to see
# whether a new test helps, it answers for tests that are gone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check mutmut==3.8.1 pytest==9.2.0
export PATH="$folder/env/bin:$PATH"
mkdir project
cd project
mkdir -p src/shop tests
touch src/shop/__init__.py
printf 'def price(n):\n    if n > 10:\n        return n * 2\n    return n + 1\n' >src/shop/price.py
cat >setup.cfg <<'INI'
[mutmut]
source_paths=src/
on_dependency_change=rerun
pytest_add_cli_args_test_selection=tests/
INI
still=0
# shellcheck disable=SC2329
strong() { printf '    assert price(%s) == %s\n' 1 2 10 11 11 22 20 40; }
# shellcheck disable=SC2329
weak() { printf '    price(%s)\n' 1 10 11 20; }
# whose lines the test has, and what is counted of the mutants
try() {
  local code=0
  {
    printf 'from shop.price import price\n\n\ndef test_price():\n'
    "$1"
  } >tests/test_price.py
  mutmut run --max-children 1 >said.txt 2>&1 || code=$?
  mutmut export-cicd-stats >/dev/null
  counts="$(tr -d ' \n' <mutants/mutmut-cicd-stats.json | grep -o '"killed":[0-9]*,"survived":[0-9]*')"
  echo "$1: exit $code, $(tail -n 1 said.txt) · $counts"
  [ "$code $counts" = "0 $2" ] || still=1
}
try strong '"killed":6,"survived":0'
try weak '"killed":6,"survived":0'
grep -q '^0.00 mutations/second' said.txt || still=1
rm -r mutants
try weak '"killed":0,"survived":6'
try strong '"killed":0,"survived":6'
exit "$still"
