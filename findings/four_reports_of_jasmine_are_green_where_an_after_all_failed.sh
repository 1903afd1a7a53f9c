#!/usr/bin/env bash
# jasmine-reporters 2.5.2 with jasmine 7.0.0 (npm, Node 20, 24): an afterAll that fails is in no element and no count
# of its JUnit, NUnit, TAP and TeamCity reports.
#
# Expected: a failed element or a count, as jasmine's own lines have it ("Suite error: shop … 1 spec, 1 failure").
# Seen, of one spec that passes, and an afterAll that throws behind it, in its describe or outside of any:
#   jasmine: exit 3 · JUnit: tests="1" failures="0" errors="0" · NUnit: total="1" failures="0", success="true"
#   TAP: "ok 1 - …", "1..1", "1 spec, 0 failures" · TeamCity: testFinished, and no testFailed
#   A beforeAll that fails is a failure of each spec in all four.
#
# Why it matters: afterAll is where a suite checks what is left behind: open connections, requests that nobody
# expected, rows that are still there. CI shows and judges the report, and TeamCity has nothing but these lines:
# the check can fail for good, and what it costs is a red job in which all tests passed.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts jasmine@7.0.0 jasmine-reporters@2.5.2 >/dev/null
cat >reporters.js <<'JAVASCRIPT'
import reporters from "jasmine-reporters";
const env = jasmine.getEnv();
env.addReporter(new reporters.JUnitXmlReporter({ savePath: "out", consolidateAll: true }));
env.addReporter(new reporters.NUnitXmlReporter({ savePath: "out", filename: "nunit.xml" }));
env.addReporter(new reporters.TapReporter());
env.addReporter(new reporters.TeamCityReporter());
JAVASCRIPT
still=0
# how many of the four are red
try() {
  local code=0 red=0
  rm -rf out
  cat >shop.spec.js
  node_modules/.bin/jasmine --helper=reporters.js shop.spec.js >said.txt 2>&1 || code=$?
  if ! grep -q '<testsuites .*errors="0" failures="0" tests="1"' out/junitresults.xml; then red=$((red + 1)); fi
  if ! grep -q 'total="1" failures="0"' out/nunit.xml; then red=$((red + 1)); fi
  if grep -q '^not ok' said.txt || ! grep -q '^# 1 spec, 0 failures' said.txt; then red=$((red + 1)); fi
  if grep -q '##teamcity\[testFailed' said.txt; then red=$((red + 1)); fi
  echo "jasmine: exit $code, $(grep -E '^[0-9]+ spec' said.txt) · $red of 4 reports are red"
  [ "$code $red" = "3 $1" ] || still=1
}
try 0 <<'JAVASCRIPT'
describe("shop", () => {
  it("sells", () => { expect(1).toBe(1); });
  afterAll(() => { throw new Error("a connection is open"); });
});
JAVASCRIPT
try 0 <<'JAVASCRIPT'
describe("shop", () => { it("sells", () => { expect(1).toBe(1); }); });
afterAll(() => { throw new Error("a connection is open"); });
JAVASCRIPT
try 4 <<'JAVASCRIPT'
describe("shop", () => {
  beforeAll(() => { throw new Error("no database"); });
  it("sells", () => { expect(1).toBe(1); });
});
JAVASCRIPT
exit "$still"
