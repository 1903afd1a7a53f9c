#!/usr/bin/env bash
# diff-cover 11.0.1 with coverage.py 7.17.5 and coverage-conditional-plugin 0.9.0 (Python 3.11): of several reports,
# a changed line counts as missed only where each of them has it as missed. One that does not have the line at
# all, since it is left out there on purpose, makes it covered.
#
# Expected: of lines that one report alone has, what that report says: 3 of the 7 lines have run.
# Seen, of a branch for Postgres that no test has tried; the plugin leaves it out of the job for SQLite, and has it
# measured in the other one:
#   diff-cover --fail-under=80 postgres.xml: 28%, exit 1, "Missing lines 5-9"
#   sqlite.xml postgres.xml: "shop.py (100%)", 7 lines, 0 missing, exit 0 · in the other order, and of lcov: the same
#
# Why it matters: code for one database, platform or Python is measured in the job that has it, and given to the gate
# beside the others for just that: there it is green whatever that job has measured. The more reports it is
# given, the less it misses.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check diff-cover==11.0.1 coverage==7.17.5 \
  coverage-conditional-plugin==0.9.0
git init --quiet code
cd code
git config user.name nobody
git config user.email nobody@example.org
git commit --quiet --allow-empty --message base
git branch base
cat >shop.py <<'PYTHON'
import os


def total(prices):
    if os.environ["DATABASE"] == "postgres":  # pragma: postgres
        rounded = [round(price, 2) for price in prices]
        rounded.sort()
        return sum(rounded)
    return sum(prices)
PYTHON
cat >.coveragerc <<'INI'
[run]
plugins = coverage_conditional_plugin
[coverage_conditional_plugin]
rules =
  "os_environ.get('DATABASE') != 'postgres'": postgres
INI
cat >checks.py <<'PYTHON'
import os

import shop

if os.environ["DATABASE"] == "sqlite":
    assert shop.total([1, 2]) == 3
PYTHON
git add .
git commit --quiet --message change
for database in sqlite postgres; do
  export DATABASE="$database"
  ../env/bin/coverage run checks.py
  for format in xml lcov; do ../env/bin/coverage "$format" -q --include=shop.py -o "$database.$format"; done
done
still=0
try() {
  local code=0
  ../env/bin/diff-cover "${@:3}" --compare-branch=base --include=shop.py --fail-under=80 >said.txt 2>&1 || code=$?
  said="$(grep '^shop' said.txt)"
  echo "diff-cover ${*:3}: exit $code, $said"
  [ "$code $said" = "$1 $2" ] || still=1
}
try 1 'shop.py (28.6%): Missing lines 5-9' postgres.xml
for format in xml lcov; do
  try 0 'shop.py (100%)' "sqlite.$format" "postgres.$format"
  try 0 'shop.py (100%)' "postgres.$format" "sqlite.$format"
done
exit "$still"
