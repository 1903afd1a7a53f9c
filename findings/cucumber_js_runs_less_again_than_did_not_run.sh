#!/usr/bin/env bash
# @cucumber/cucumber 13.3.0 (npm, Node 24.21.0): scenarios that never began, since a BeforeAll failed or a worker
# of --parallel had ended, are not in the list of what is to be run again. "Run again what failed, by the list"
# ends with 0 without them. In JUnit a scenario whose worker ended has passed.
#
# Expected: each scenario that is not known to have passed in the list; a failure in JUnit for the one that ended.
# Seen, of a scenario that fails always, behind one that ends the process the first time (code under test that
# calls process.exit(1), say) and one that takes some seconds:
#   BeforeAll throws once: exit 1, the list is empty; cucumber-js @rerun.txt: exit 0, "0 scenarios"
#   --parallel 2: exit 1, the list has the other two; JUnit: tests="2" failures="0", and on the screen "1 test
#   run (1 failed)", "0 scenarios"; cucumber-js @rerun.txt: exit 0, "2 scenarios (2 passed)"
#   (A Before that fails, an undefined step and a failed one are in the list.)
#
# Why it matters: a second attempt by the list is what the formatter is for, and its exit code is the job's. The
# sooner a run breaks, the less is on the list: where the database is not up yet, nothing is, and it is green.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @cucumber/cucumber@13.3.0 >/dev/null
export PATH="$folder/node_modules/node/bin:$folder/node_modules/.bin:$PATH"
mkdir features
cat >features/shop.feature <<'GHERKIN'
Feature: shop
  Scenario: one
    Given it ends once
  Scenario: two
    Given it takes long
  Scenario: three
    Given it is broken
GHERKIN
cat >features/steps.mjs <<'JAVASCRIPT'
import { existsSync, writeFileSync } from "node:fs";
import { BeforeAll, Given } from "@cucumber/cucumber";
const once = (name, action) => {
  if (!existsSync(`${name}.txt`)) {
    writeFileSync(`${name}.txt`, "");
    action();
  }
};
BeforeAll(() => { once("all", () => { throw new Error("the database is not there yet"); }); });
Given("it ends once", () => { once("one", () => process.exit(1)); });
Given("it takes long", () => new Promise((done) => setTimeout(done, 4000)));
Given("it is broken", () => { throw new Error("broken"); });
JAVASCRIPT
still=0
try() {
  local code=0
  cucumber-js --import features/steps.mjs --format rerun:@rerun.new --format junit:report.xml \
    --format summary "${@:3}" >said.txt 2>&1 || code=$?
  said="$(grep -E '^[0-9]+ scenarios?\b' said.txt || true)"
  counts="$(grep -o 'tests="[0-9]*" .*failures="[0-9]*"' report.xml)"
  # whichever of the two is told first
  sed 's/:4:2$/:2:4/' @rerun.new >@rerun.txt
  echo "cucumber-js ${*:3}: exit $code, $said · $counts · again: $(cat @rerun.txt)"
  [ "$code $(cat @rerun.txt) $said" = "$1 $2" ] || still=1
}
try 1 ' 0 scenarios'
try 0 ' 0 scenarios' @rerun.txt
try 1 'features/shop.feature:2:4 0 scenarios' --parallel 2
[ "$counts" = 'tests="2" skipped="0" failures="0"' ] || still=1
try 0 ' 2 scenarios (2 passed)' @rerun.txt
try 1 'features/shop.feature:6 3 scenarios (2 passed, 1 failed)'
exit "$still"
