#!/usr/bin/env bash
# pyrefly 1.5.0: the same wrong call is an error or none, by which folder pyrefly is started in and
# which other files are named beside it.
#
# Expected: one code is judged by one measure, or a word that it is not.
# Seen, with backend/pyrefly.toml (empty) and f("a") for f(x: int) in backend/a.py and scripts/b.py:
#   pyrefly check, in backend: exit 1, bad-argument-type
#   pyrefly check, at the top: exit 0, "0 errors", though it looks at backend/a.py too
#   pyrefly check backend/a.py scripts/b.py: exit 1, "1 error": b.py is judged by the preset "basic", which
#     knows no wrong arguments, returns or assignments, and the line that says so is left out
#   pyrefly check scripts/b.py: exit 0, "0 errors"; that line stands below, but for --summary=none
#   with an empty pyrefly.toml at the top: exit 1, both errors
# mypy 2.4.1, without any configuration: both errors.
#
# Why it matters: "0 errors" and exit 0 of a monorepo's job, or of a hook that passes the changed files,
# is an answer to another question than the one that the editor or the package's own job was asked.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyrefly==1.5.0 mypy==2.4.1 2>/dev/null
pyrefly="$folder/env/bin/pyrefly"
mkdir -p work/backend work/scripts
cd work
touch backend/pyrefly.toml
printf 'def f(x: int) -> int:\n    return x\n\n\nf("a")\n' | tee backend/a.py >scripts/b.py
still=0
try() {
  local code=0
  "${@:3}" >said.txt 2>&1 || code=$?
  local errors
  errors="$(grep -cE 'ERROR|: error:' said.txt || true)"
  printf '%s: exit %s, errors: %s · %s\n' "${*:3}" "$code" "$errors" "$(grep -E 'preset' said.txt || true)"
  [ "$code $errors" = "$1 $2" ] || still=1
}
cd backend
try 1 1 "$pyrefly" check
cd ..
try 0 0 "$pyrefly" check
try 1 1 "$pyrefly" check backend/a.py scripts/b.py
grep -q preset said.txt && still=1
try 0 0 "$pyrefly" check scripts/b.py
try 0 0 "$pyrefly" check --summary=none scripts/b.py
try 1 2 "$folder/env/bin/mypy" backend/a.py scripts/b.py
touch pyrefly.toml
try 1 2 "$pyrefly" check backend/a.py scripts/b.py
exit "$still"
