#!/usr/bin/env bash
# pyright 1.1.414, pyrefly 1.5.0, zuban 0.10.2, oxlint 1.94.0 and codespell 2.4.3: what was asked for is
# not there, or cannot be read, and the check ends with 0.
#
# Expected: another end than 0, as from mypy 2.4.1 (2), basedpyright 1.40.2 (3) and typos 1.52.0 (64).
# Seen:
#   pyright, "include": ["lib"] without a folder lib: 'File or directory "…/lib" does not exist.',
#     "0 errors", exit 0 (named on the command line it is exit 4); basedpyright with the same file: exit 3,
#     but 0 with --outputjson
#   pyrefly check ok.py lib: "0 errors", no word of lib, exit 0 (lib alone: exit 1)
#   zuban check latin.py ok.py, of which the first declares latin-1 (PEP 263) and has a type error:
#     "no issues found in 1 source file", exit 0; mypy reads it, and finds the error
#   oxlint ok.js lib: exit 0, no word of lib (lib alone: exit 1)
#   codespell lib: nothing at all, exit 0
#
# Why it matters: a folder that is renamed takes itself out of the check, and the job stays green for
# good. That a tool refuses a wrong path alone, as whoever sets the job up will try, does not say that it
# refuses one beside others.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix tools pyright@1.1.414 oxlint@1.94.0 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyrefly==1.5.0 zuban==0.10.2 \
  codespell==2.4.3 basedpyright==1.40.2 mypy==2.4.1 2>/dev/null
node="$folder/tools/node_modules/.bin"
python="$folder/env/bin"
mkdir work
cd work
printf '{"include": ["lib"]}\n' >pyrightconfig.json
printf 'one: int = 1\n' >ok.py
printf 'export const one = 1;\n' >ok.js
printf '# -*- coding: latin-1 -*-\nstreet: int = "Stra\337e"\n' >latin.py
still=0
try() {
  local code=0
  "${@:2}" >said.txt 2>&1 || code=$?
  printf '%s: exit %s · %s\n' "${*:2}" "$code" "$(tr '\n' ' ' <said.txt | cut -c 1-100)"
  [ "$code" = "$1" ] || still=1
}
try 0 "$node/pyright"
try 4 "$node/pyright" lib
try 3 "$python/basedpyright"
try 0 "$python/basedpyright" --outputjson
try 0 "$python/pyrefly" check ok.py lib
try 1 "$python/pyrefly" check lib
try 0 "$python/zuban" check latin.py ok.py
try 1 "$python/mypy" latin.py ok.py
try 2 "$python/mypy" ok.py lib
try 0 "$node/oxlint" ok.js lib
try 1 "$node/oxlint" lib
try 0 "$python/codespell" lib
exit "$still"
