#!/usr/bin/env bash
# tap-junit 5.0.4, tap-xunit 2.4.1 and tap-mocha-reporter 5.0.4 (all Node 20): TAP of a run that bailed out, or
# that has fewer tests than its plan, becomes a JUnit report without a failed test, or none at all.
#
# Expected: a failed element or a count, and an end other than 0: TAP says of both that the run has failed, and
# so does tap-parser 18.0.0, which tap-junit reads it with.
# Seen (exit code; tests, failures, failure elements), of one test that passed and then
#   "Bail out!":       tap-junit 0; 1, 0, 0 · tap-xunit 1; writes nothing · tap-mocha-reporter 1; 1, 0, 0
#   a plan of 3:       tap-junit 0; 1, 1, 0 · tap-xunit 0; 1, 0, 0        · tap-mocha-reporter 1; 1, 0, 0
# and of a failed test that is a TODO, which is no failure: tap-junit 0; 1, 1, 1, the others none.
# The first is what @tapjs/core 4.6.0 prints for t.bailout(), which ends with 1.
#
# Why it matters: the converter is at the end of a pipe, whose exit code is its own. A database that is gone,
# or a test that ends the process, is then a green report with fewer tests, and which of the three tools
# stands there decides whether anything is red.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts tap-junit@5.0.4 tap-xunit@2.4.1 \
  tap-mocha-reporter@5.0.4 @tapjs/core@4.6.0 >/dev/null
cat >bails.js <<'JAVASCRIPT'
import { tap } from "@tapjs/core";
const t = tap();
t.pass("price");
t.bailout("the database is gone");
JAVASCRIPT
code=0
node bails.js >bailed.tap || code=$?
grep -q '^Bail out! the database is gone$' bailed.tap
printf 'TAP version 13\n1..3\nok 1 - price\n' >early.tap
printf 'TAP version 13\n1..1\nnot ok 1 - price # TODO later\n' >todo.tap
still=0
[ "$code" = 1 ] || still=1
# the TAP, the converter, what it comes to
try() {
  local code=0
  read -r -a command <<<"$2"
  "node_modules/.bin/${command[0]}" "${command[@]:1}" <"$1.tap" >junit.xml 2>said.txt || code=$?
  counts="$(grep -o '<testsuite .*' junit.xml | grep -o '\(tests\|failures\)="[0-9]*"' | sort -r -u |
    tr -dc '0-9\n' | tr '\n' ' ' || true)"
  found="exit $code: $counts$(grep -c '<failure' junit.xml || true)"
  echo "$1, $2: $found"
  [ "$found" = "exit $3" ] || still=1
}
try bailed tap-junit '0: 1 0 0'
try bailed tap-xunit '1: 0'
try bailed 'tap-mocha-reporter xunit' '1: 1 0 0'
try early tap-junit '0: 1 1 0'
try early tap-xunit '0: 1 0 0'
try early 'tap-mocha-reporter xunit' '1: 1 0 0'
try todo tap-junit '0: 1 1 1'
try todo tap-xunit '0: 1 0 0'
exit "$still"
