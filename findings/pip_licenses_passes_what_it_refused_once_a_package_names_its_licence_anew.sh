#!/usr/bin/env bash
# pip-licenses 5.5.5 (Python 3.11) with --fail-on: a package is refused in an older version, and passes in
# a newer one under the same licence, because the newer one names it by an SPDX expression.
#
# Expected: refused both times, or a word that the list does not know this name of the licence.
# Seen with yamllint, GPL-3.0-or-later by its metadata in both versions (License: in 1.35.1, beside a
# classifier; License-Expression: in 1.38.0, without one):
#   --partial-match --fail-on "General Public License": 1.35.1 exit 1, "GNU General Public License v3
#   (GPLv3)" · 1.38.0 exit 0, "GPL-3.0-or-later", no word. --fail-on GPL-3.0-or-later: 0, then 1.
#   --partial-match --fail-on GPL, which is in both names: 1 both times.
#   --partial-match --allow-only "General Public License": 0, then 1.
#
# Why it matters: packages leave their classifiers for an expression (PEP 639; setuptools refuses to build
# one that has both). A list of what is not allowed that was made of what pip-licenses printed loses its
# entries one by one with ordinary updates, and nothing turns red. A list of what is allowed breaks instead.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 1.35.1 1.38.0; do
  python3 -m venv "$version"
  "$version/bin/pip" install --quiet --disable-pip-version-check pip-licenses==5.5.5 "yamllint==$version"
done
still=0
try() {
  local codes="" version
  for version in 1.35.1 1.38.0; do
    local code=0
    "$version/bin/pip-licenses" --packages yamllint "${@:2}" >said.txt 2>&1 || code=$?
    codes+="${codes:+ }$code"
    printf '%s, %s: exit %s · %s\n' "${*:2}" "$version" "$code" "$(grep GPL said.txt | tail -n 1)"
  done
  [ "$codes" = "$1" ] || still=1
}
try '1 0' --partial-match --fail-on 'General Public License'
try '0 1' --fail-on 'GPL-3.0-or-later'
try '1 1' --partial-match --fail-on GPL
try '0 1' --partial-match --allow-only 'General Public License'
exit "$still"
