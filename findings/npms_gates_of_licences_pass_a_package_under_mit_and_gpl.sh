#!/usr/bin/env bash
# license-checker-rseidelsohn 4.4.2 and license-compliance 3.0.1 (npm): a package under "MIT AND GPL-3.0-only",
# both of whose licences bind, passes where MIT is all that is allowed.
#
# Expected: refused, as by @onebeyond/license-checker 2.2.0; "MIT OR GPL-3.0-only" passes.
# Seen, exit status for "MIT AND GPL-3.0-only" · "MIT OR GPL-3.0-only" · "GPL-3.0-only" · "MIT-0":
#   license-checker-rseidelsohn --onlyAllow MIT:          0 · 0 · 1 · 0
#   license-checker-rseidelsohn --failOn GPL-3.0-only:    0 · 0 · 1 · 0
#   license-compliance --allow MIT:                       0 · 0 · 1 · 1
#   @onebeyond/license-checker scan --allowOnly MIT:      1 · 0 · 1 · 1
# The first looks for MIT anywhere in the text for what is allowed ("LicenseRef-LIMITED" is allowed as well:
# 0), and for the whole text for what is refused: both of its gates are green for the same package. The
# second takes AND for OR. (--excludePrivatePackages leaves out the root, which is nobody's package.)
#
# Why it matters: AND is what is written where a package carries another's code within it, which is the case
# that the check is there for. The team's one word for "no copyleft" is held to by each gate on the simple
# cases by which it was tried out.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools \
  license-checker-rseidelsohn@4.4.2 license-compliance@3.0.1 @onebeyond/license-checker@2.2.0 >/dev/null
tools="$folder/tools/node_modules"
mkdir -p work/node_modules/a
cd work
cat >package.json <<'JSON'
{"name": "shop", "version": "1.0.0", "private": true, "license": "MIT", "dependencies": {"a": "1.0.0"}}
JSON
gate() {
  local code=0
  "$@" >said.txt 2>&1 || code=$?
  codes="$codes $code"
}
still=0
try() {
  printf '{"name": "a", "version": "1.0.0", "license": "%s"}\n' "$1" >node_modules/a/package.json
  cat >package-lock.json <<JSON
{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
  "": {"name": "shop", "version": "1.0.0", "license": "MIT", "dependencies": {"a": "1.0.0"}},
  "node_modules/a": {"version": "1.0.0", "license": "$1"}}}
JSON
  codes=''
  gate "$tools/.bin/license-checker-rseidelsohn" --excludePrivatePackages --onlyAllow MIT
  gate "$tools/.bin/license-checker-rseidelsohn" --excludePrivatePackages --failOn GPL-3.0-only
  gate "$tools/.bin/license-compliance" --allow MIT
  gate node "$tools/@onebeyond/license-checker/cli.js" scan --allowOnly MIT --disableReport --disableErrorReport
  echo "$1:$codes"
  [ "$codes" = " $2" ] || still=1
}
try MIT '0 0 0 0'
try 'MIT AND GPL-3.0-only' '0 0 0 1'
try 'MIT OR GPL-3.0-only' '0 0 0 0'
try GPL-3.0-only '1 1 1 1'
try MIT-0 '0 0 1 1'
try LicenseRef-LIMITED '0 0 1 1'
exit "$still"
