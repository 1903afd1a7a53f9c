#!/usr/bin/env bash
# allure 3.18.0 (npm, Node 24.21.0) with the JUnit report of @playwright/test 1.65.1: a test that runs in
# two projects (chromium and firefox, say) is one test with a retry for it, and the last one decides.
#
# Expected: two tests, as Playwright counts them; a gate that allows no failed test is red.
# Seen, of a test that fails in the first project alone: Playwright: exit 1, tests="2" failures="1" ·
# allure quality-gate --max-failures 0: exit 0 · its summary: total 1, retries 1, passed 1, status
# "passed". Of one that fails in the last project alone: gate 1, failed 1. The suites have another
# hostname="one" and "two" each; allure knows a test by its class and name.
#
# Why it matters: what a matrix is for, a failure in one browser, database or Python alone, is what is
# joined away: the case that comes last is taken. What fails in the first of two is green, and
# the report calls the test passed.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private": true, "type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts allure@3.18.0 @playwright/test@1.65.1 >/dev/null
node="$folder/node_modules/node/bin/node"
cat >playwright.config.js <<'JAVASCRIPT'
export default {
  workers: 1,
  reporter: [["junit", { outputFile: "report.xml" }]],
  projects: [{ name: "one" }, { name: "two" }],
};
JAVASCRIPT
cat >price.spec.js <<'JAVASCRIPT'
import { expect, test } from "@playwright/test";
test("price", ({}, info) => { expect(info.project.name).not.toBe(process.env.BROKEN); });
JAVASCRIPT
still=0
# the project in which it fails; the exit codes of Playwright and the gate, what each counts
try() {
  rm -rf results summary
  run=0
  BROKEN="$1" "$node" node_modules/@playwright/test/cli.js test >said.txt 2>&1 || run=$?
  mkdir results
  cp report.xml results/
  gate=0
  "$node" node_modules/allure/cli.js quality-gate results --max-failures 0 >said.txt 2>&1 || gate=$?
  "$node" node_modules/allure/cli.js generate results -o summary >said.txt 2>&1
  junit="$(grep -o '<testsuites .*' report.xml | grep -o 'tests="[0-9]*" failures="[0-9]*"')"
  allure="$("$node" -p 'const { stats, status } = JSON.parse(fs.readFileSync("summary/summary.json"));
    `${stats.total} ${stats.retries} ${stats.failed ?? 0} ${status}`')"
  echo "fails in $1: exit $run, $junit · gate $gate, total, retries, failed: $allure"
  [ "$run $junit $gate $allure" = "$2" ] || still=1
}
try one '1 tests="2" failures="1" 0 1 1 0 passed'
try two '1 tests="2" failures="1" 1 1 1 1 failed'
exit "$still"
