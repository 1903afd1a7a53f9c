#!/usr/bin/env bash
# flake8 7.5.0 (mccabe 0.7.0, Python 3.11): the complexity of a function leaves out everything that stands
# within `match` or within `try` with `except*`, not their own branches alone. ruff, pylint and radon look in.
#
# Expected: the cases of a `match` are not counted, or each is one; what is in them is counted as elsewhere.
# Seen, the complexity of (flake8 · ruff 0.17.6 · pylint 4.1.4 · radon 6.0.1):
#   plain, ten `if` within each other:                      11 · 11 · 11 · 11
#   cases, `match` with ten cases that return:               1 · 11 · 11 · 11
#   inner, the ten `if` within the one case of a `match`:    1 · 12 · 12 · 12
#   group, the ten `if` below `try:` with an `except*`:      1 · 12 · 11 · 11
# `flake8 --max-complexity 10` ends with 0 for the last three.
#
# Why it matters: whoever wraps a function's body into `match command:` takes it out of the gate, whatever is
# in there and however it grows: its complexity is 1 for good, the best there is. A file that uses these
# statements a lot is the simplest of all. A team that goes over to ruff gets findings in code that never
# changed, and a limit that was set by flake8's figures does not hold for ruff's.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 is needed'; exit 1; }
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check flake8==7.5.0 mccabe==0.7.0 ruff==0.17.6 \
  pylint==4.1.4 radon==6.0.1 2>/dev/null
mkdir work
python3 - <<'PYTHON'
def nested(first):
    lines = [" " * (first + 4 * depth) + f"if x > {depth}:" for depth in range(10)]
    return "\n".join([*lines, " " * (first + 40) + "return 1"])


cases = "\n".join(f"        case {number}:\n            return 1" for number in range(10))
bodies = {
    "plain": nested(4),
    "cases": f"    match x:\n{cases}",
    "inner": f"    match x:\n        case int():\n{nested(12)}",
    "group": f"    try:\n{nested(8)}\n    except* ValueError:\n        return 2",
}
for name, body in bodies.items():
    with open(f"work/{name}.py", "w") as file:
        file.write(f"def {name}(x):\n{body}\n    return 0\n")
PYTHON
bin="$folder/env/bin"
cd work
number() { "$@" 2>/dev/null | sed -nE "$pattern" || true; }
still=0
try() {
  local file="$1.py" flake ruff lint radon
  pattern='s/.*too complex \(([0-9]+).*/\1/p'
  flake="$(number "$bin/flake8" --isolated --max-complexity 0 --select C901 "$file")"
  ruff="$(number "$bin/ruff" check --isolated --no-cache --select C901 --output-format concise \
    --config lint.mccabe.max-complexity=0 "$file")"
  pattern='s/.*rating is ([0-9]+).*/\1/p'
  lint="$(number "$bin/pylint" --rcfile=/dev/null --load-plugins pylint.extensions.mccabe --disable=all \
    --enable=too-complex --max-complexity 0 "$file")"
  pattern='s/.*\(([0-9]+)\)$/\1/p'
  radon="$(number "$bin/radon" cc --show-complexity "$file")"
  echo "$1: flake8 $flake, ruff $ruff, pylint $lint, radon $radon"
  [ "$flake $ruff $lint $radon" = "$2" ] || still=1
}
try plain '11 11 11 11'
try cases '1 11 11 11'
try inner '1 12 12 12'
try group '1 12 11 11'
"$bin/flake8" --isolated --max-complexity 10 cases.py inner.py group.py || still=1
exit "$still"
