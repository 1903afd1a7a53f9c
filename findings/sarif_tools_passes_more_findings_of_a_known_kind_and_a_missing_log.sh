#!/usr/bin/env bash
# sarif-tools 3.0.5 with logs of ruff 0.17.6: `sarif --check` of a diff passes any number of
# findings more with the rule and words of one that is known, and a log that is not there passes all.
#
# Expected: a finding that the old log does not have is new; without a log there is no answer.
# Seen: `import os`, not used, in a.py (old); then in b.py too (more); then in b.py alone (moved).
#   sarif --check note diff old.sarif more.sarif: "Number of occurrences 1 -> 2 (+1)", and below
#     "all levels: +0 +0", exit 0
#   sarif --check note diff old.sarif moved.sarif: "no changes", exit 0
#   sarif --check note diff old.sarif other.sarif, an unused variable beside it: exit 1
#   sarif --check note summary none.sarif: "Warning: input path none.sarif not found", exit 0; the same of
#     an empty folder, without the warning
#   sarif --check note diff old.sarif none.sarif: "all levels: +0 -1", exit 0
#
# Why it matters: as a gate of a pull request it asks for new words, not for new findings: one unused
# `os` that is there already lets in every other. And a linter that broke off before it wrote its log
# is the best result there is.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check sarif-tools==3.0.5 ruff==0.17.6 2>/dev/null
mkdir work empty
log() {
  (cd work && ../env/bin/ruff check --no-cache --quiet --isolated --exit-zero \
    --output-format sarif . >"../$1")
}
printf 'import os\n' >work/a.py
log old.sarif
printf 'import os\n' >work/b.py
log more.sarif
rm work/a.py
log moved.sarif
printf 'def f():\n    one = 1\n' >work/a.py
log other.sarif
still=0
try() {
  local code=0
  env/bin/sarif --check note "${@:2}" >said.txt 2>&1 || code=$?
  printf '%s: exit %s · %s\n' "${*:2}" "$code" \
    "$(grep -iE 'occurrences 1|all levels|not found' said.txt | tr '\n' ' ' || true)"
  [ "$code" = "$1" ] || still=1
}
try 0 diff old.sarif more.sarif
grep -q '1 -> 2 (+1)' said.txt || still=1
try 0 diff old.sarif moved.sarif
try 1 diff old.sarif other.sarif
try 0 summary none.sarif
try 0 summary empty
try 0 diff old.sarif none.sarif
try 2 summary more.sarif
exit "$still"
