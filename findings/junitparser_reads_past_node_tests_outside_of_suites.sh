#!/usr/bin/env bash
# junitparser 5.0.3 with the JUnit report of node's own test runner (node 20, 24.21.0, 26.10.0; the
# npm package `node` is used): tests outside of a describe are not there for it.
#
# Expected: `junitparser verify` ends with 1 where a test failed; `junitparser merge` keeps every test.
# Seen: node writes test() as a case right below <testsuites>. verify ends with 0 for a report with a
# failed test of that kind, and the merged file has tests="2" failures="0": both copies of the test
# that stood in a describe, and none of the others.
#
# Why it matters: test() at the top of a file is the form that node's documentation begins with. A CI
# that lets its shards write reports, merges them and goes by verify, which is made for that, is green
# with failed tests, and nothing says that some were left out.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 >/dev/null
cat >price.test.js <<'JAVASCRIPT'
const { describe, it, test } = require('node:test');
const assert = require('node:assert');
test('fails', () => assert.equal(1, 2));
test('passes', () => {});
describe('suite', () => { it('passes too', () => {}); });
JAVASCRIPT
run=0
node_modules/.bin/node --test --test-reporter=junit --test-reporter-destination=report.xml \
  price.test.js || run=$?
verify=0
env/bin/junitparser verify report.xml || verify=$?
env/bin/junitparser merge report.xml report.xml merged.xml
in_report="$(grep -c '<testcase ' report.xml)"
in_merged="$(grep -c '<testcase ' merged.xml)"
failures="$(grep -c '<failure' merged.xml || true)"
echo "node: exit $run, $in_report tests · verify: exit $verify"
echo "two of it merged: $in_merged tests, $failures failed · $(grep -o '<testsuites [^>]*>' merged.xml)"
[ "$run $in_report $verify $in_merged $failures" = "1 3 0 2 0" ]
