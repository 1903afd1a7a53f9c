#!/usr/bin/env bash
# deno 2.9.6 (npm): an error that no test catches (a timer's, a promise's) breaks its file off, and
# the JUnit report calls every test of the file skipped; a file that does not load is not in it.
#
# Expected: the error in the report, as failure or error of the test that it came from or of the file.
# Seen: exit 1, "ok | 0 passed | 0 failed" and then "error: Error: unheard" on the terminal · tests="2"
# failures="0" errors="0", both cases <skipped/>; beside a file that throws at its top all is green.
#
# Why it matters: skipped tests are no reason to look. A CI that goes by the report shows nothing red
# for a file whose tests were never judged; only the exit code tells.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund deno@2.9.6
deno=node_modules/.bin/deno
cat >breaks_test.js <<'JAVASCRIPT'
Deno.test("begins", () => { setTimeout(() => { throw new Error("unheard"); }, 0); });
Deno.test("goes on", () => new Promise((done) => setTimeout(done, 50)));
JAVASCRIPT
echo 'Deno.test("works", () => {});' >works_test.js
echo 'throw new Error("at its top");' >loads_not_test.js
breaks=0
$deno test --no-check --junit-path=breaks.xml breaks_test.js >breaks.txt 2>&1 || breaks=$?
loads=0
$deno test --no-check --junit-path=loads.xml works_test.js loads_not_test.js >loads.txt 2>&1 || loads=$?
cat breaks.xml loads.xml
echo "breaks: exit $breaks · loads not: exit $loads"
test "$breaks" = 1 && grep -q '<testsuites .*tests="2" failures="0" errors="0"' breaks.xml &&
    test "$(grep -c '<skipped/>' breaks.xml)" = 2 &&
    test "$loads" = 1 && grep -q '<testsuites .*tests="1" failures="0" errors="0"' loads.xml &&
    ! grep -q 'loads_not' loads.xml
