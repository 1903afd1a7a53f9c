#!/usr/bin/env bash
# node 26.10.0 (npm package `node`; the same with 20.20.2 and 24.21.0): an `after` hook outside of
# every describe that throws is among the "failing tests", and the command ends with 0; in the JUnit
# report it opens an element <undefined>, in which every later test of every file stands too.
#
# Seen: `node closes.test.js`: exit 0, "fail 0", then "failing tests:" with the hook's error; the same
# with `node --test --test-isolation=none`. With --test alone: exit 1. (Inside of a describe: 1.)
# JUnit: <testsuites> <testcase name="passes"/> <undefined name="root"> <testcase …
# type="hookFailed"> and below the tests of the other file, one of them failed.
#
# Why it matters: such hooks close servers and databases, and check that nothing was left open; a run
# whose check failed is green. And what reads JUnit by testsuites and testsuite, as the schema has it,
# finds neither the hook nor the failed tests of files that come after it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund node@26.10.0 >/dev/null
node=node_modules/.bin/node
cat >closes.test.js <<'JAVASCRIPT'
const { after, test } = require('node:test');
after(() => { throw new Error('still open'); });
test('passes', () => {});
JAVASCRIPT
cat >later.test.js <<'JAVASCRIPT'
const { test } = require('node:test');
test('fails', () => { throw new Error('no price'); });
JAVASCRIPT
alone=0
$node closes.test.js >alone.txt || alone=$?
one=0
$node --test --test-isolation=none closes.test.js >one.txt || one=$?
both=0
$node --test --test-concurrency=1 --test-reporter=junit --test-reporter-destination=both.xml \
  closes.test.js later.test.js || both=$?
grep -A 3 'fail 0\|failing tests' alone.txt
echo "exit: alone $alone · in one process $one · both files $both"
sed -n '/<undefined/,$p' both.xml | grep -E '<(undefined|testcase|failure)'
[ "$alone $one $both" = "0 0 1" ] &&
  grep -q 'failing tests' alone.txt && grep -q 'fail 0' alone.txt &&
  grep -q '<undefined name="root">' both.xml &&
  sed -n '/<undefined/,$p' both.xml | grep -q '<testcase name="fails"'
