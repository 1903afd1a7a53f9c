#!/usr/bin/env bash
# bun 1.4.5 (npm): a test file that does not load (an import that is not there, an error at its top)
# is in no element of the JUnit report and in none of its counts.
#
# Expected: an error, or a failed case, as the closing lines have it ("1 fail, 1 error").
# Seen: exit 1 · the report has the other file alone: tests="1" failures="0", nothing red.
# Where no file loads, no report is written, and an older one of that name is left as it is.
#
# Why it matters: a CI that goes by the report (most plugins that show test results do) shows green,
# and never misses the tests of that file. Only the exit code tells.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund bun@1.4.5
bun=node_modules/.bin/bun
cat >works.test.js <<'JAVASCRIPT'
import { test } from "bun:test";
test("works", () => {});
JAVASCRIPT
cat >loads_not.test.js <<'JAVASCRIPT'
import { test } from "bun:test";
import "./nowhere.js";
test("never", () => {});
JAVASCRIPT
both=0
$bun test --reporter=junit --reporter-outfile=both.xml 2>both.txt || both=$?
alone=0
echo 'of yesterday' >alone.xml
$bun test ./loads_not.test.js --reporter=junit --reporter-outfile=alone.xml 2>alone.txt || alone=$?
head -n 2 both.xml
echo "exit $both · $(grep -c 'loads_not' both.xml || true) words of the file that does not load"
echo "alone: exit $alone · the report: $(head -n 1 alone.xml)"
test "$both" = 1 && grep -q '<testsuites .*tests="1".*failures="0"' both.xml &&
    ! grep -qE 'loads_not|<failure|<error' both.xml &&
    test "$alone" = 1 && test "$(cat alone.xml)" = 'of yesterday'
