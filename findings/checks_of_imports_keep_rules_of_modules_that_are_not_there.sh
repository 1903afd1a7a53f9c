#!/usr/bin/env bash
# import-linter 2.16 and tach 0.35.3 (Python 3.11): a rule about modules that were renamed or moved is kept; so
# is one that a folder without __init__.py breaks, for import-linter.
#
# Expected: an error for a rule that has no module, as import-linter has one where a name is written out.
# Seen, of pkg/low, which may not import pkg/high:
#   pkg/low/sub/d.py imports it: tach exit 1; import-linter 1, and 0, "KEPT", once sub/__init__.py is gone,
#     though Python imports pkg.low.sub.d as before
#   import-linter, each with a name that is not there, written out / by a pattern:
#     layers in container pkg.nope:          1, "module pkg.nope.low does not exist" / pkg.nope.*: 0, "KEPT"
#     source_modules pkg.nope:               1, "Module 'pkg.nope' does not exist" / pkg.nope.*: 0, "KEPT"
#     forbidden_modules, a package outside:  0, "KEPT", without a pattern too (reqests for requests)
#   tach, a module pkg.lov for pkg.low, or source_roots that are no folder: a warning, "All modules validated!", 0
#
# Why it matters: the rule is written once, and the folders move on. A pattern is chosen so that modules that
# come later are in it; that it has none any more is what nobody is told. A green contract with its name in
# the log looks the same whether it held or had nothing to hold.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check import-linter==2.16 tach==0.35.3 2>/dev/null
mkdir -p work/pkg/low/sub work/pkg/high
cd work
touch pkg/__init__.py pkg/low/__init__.py pkg/low/sub/__init__.py pkg/high/__init__.py
echo 'from pkg import high' >pkg/low/sub/d.py
echo 'import requests' >pkg/low/http.py
still=0
ends() {
  local expected="$1" code=0 words
  "${@:3}" >said.txt 2>&1 || code=$?
  words="$(grep -oE 'KEPT|BROKEN|does not exist|All modules validated!' said.txt | tail -n 1 || true)"
  echo "$2: exit $code $words"
  [ "$code $words" = "$expected" ] || still=1
}
contract() {
  printf '[importlinter]\nroot_package = pkg\ninclude_external_packages = True\n' >.importlinter
  printf '[importlinter:contract:one]\nname = one\n%b\n' "$3" >>.importlinter
  ends "$1" "$2" ../env/bin/lint-imports --no-cache
}
layers='type = layers\nlayers =\n  high\n  low\ncontainers =\n  '
forbidden='type = forbidden\nforbidden_modules =\n  pkg.high\nsource_modules =\n  '
outside='type = forbidden\nsource_modules =\n  pkg.low\nforbidden_modules =\n  '
rules() {
  printf 'source_roots = ["%s"]\n' "$1" >tach.toml
  printf '[[modules]]\npath = "%s"\ndepends_on = []\n' "$2" pkg.high >>tach.toml
}
rules . pkg.low
ends '1 ' 'tach' ../env/bin/tach check
contract '1 BROKEN' 'layers, sub/__init__.py is there' "${layers}pkg"
rm pkg/low/sub/__init__.py
ends '1 ' 'tach, without it' ../env/bin/tach check
contract '0 KEPT' 'layers, without it' "${layers}pkg"
../env/bin/python -c 'import pkg.low.sub.d' || still=1
contract '1 does not exist' 'container pkg.nope' "${layers}pkg.nope"
contract '0 KEPT' 'container pkg.nope.*' "${layers}pkg.nope.*"
contract '1 does not exist' 'source pkg.nope' "${forbidden}pkg.nope"
contract '0 KEPT' 'source pkg.nope.*' "${forbidden}pkg.nope.*"
contract '1 BROKEN' 'forbidden requests' "${outside}requests"
contract '0 KEPT' 'forbidden reqests' "${outside}reqests"
rules . pkg.lov
ends '0 All modules validated!' 'tach, pkg.lov' ../env/bin/tach check
rules src pkg.low
ends '0 All modules validated!' 'tach, source root src' ../env/bin/tach check
exit "$still"
