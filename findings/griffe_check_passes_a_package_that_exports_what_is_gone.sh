#!/usr/bin/env bash
# griffe 2.4.1 (Python 3.11): `griffe check` finds nothing broken where what a package exports from its private
# modules is renamed, deleted or no longer parses.
#
# Expected: "Public object was removed", as of an object that is defined where it is exported.
# Seen, of a package with `from lib._impl import helper` and "helper" in __all__, against its tag:
#   _impl.helper renamed:    exit 0, no word · import lib: "cannot import name 'helper'"
#   _impl.py deleted:        exit 0, no word · import lib: "No module named 'lib._impl'"
#   _impl.py does not parse: exit 0, no word · import lib: SyntaxError
#   for comparison, helper with one more parameter: exit 1 · f, defined in __init__.py, renamed: exit 1
# A class there that is the base of a public one is missed as soon as it goes ("Sub.base: … was removed").
#
# Why it matters: private modules behind an __init__.py that names what is public is how most libraries are laid
# out. It follows an export to what it means as long as that is there (the added parameter), and when it is not,
# has nothing to compare. A job that says "minor" by it says so of a package that cannot be imported.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check griffe==2.4.1
mkdir -p work/src/lib
cd work
cat >src/lib/__init__.py <<'PYTHON'
from lib._impl import helper

__all__ = ["f", "helper"]


def f(a): ...
PYTHON
cat >src/lib/_impl.py <<'PYTHON'
def helper(a): ...
PYTHON
git init --quiet .
git add .
git -c user.name=a -c user.email=a@example.org -c commit.gpgsign=false commit --quiet --message 'feat: lib'
git -c tag.gpgsign=false tag v1
check() { # NAME: what griffe says of the working tree, and what Python does
  local code=0 used=0
  ../env/bin/griffe check lib --search src --against v1 >said.txt 2>&1 || code=$?
  PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1 python3 -c 'import lib; lib.helper(1); lib.f(1)' 2>used.txt || used=$?
  echo "$1: exit $code, $(wc -l <said.txt) lines · a caller: exit $used, $(tail -n 1 used.txt)"
  seen="$seen$code$used "
  git checkout --quiet .
}
seen=''
check same
sed -i 's/def helper/def assist/' src/lib/_impl.py && check renamed
rm src/lib/_impl.py && check deleted
sed -i 's/def helper(a)/def helper(a/' src/lib/_impl.py && check unparsed
sed -i 's/def helper(a)/def helper(a, b)/' src/lib/_impl.py && check parameter
sed -i 's/def f(/def g(/' src/lib/__init__.py && check defined
test "$seen" = '00 01 01 01 11 11 '
