#!/usr/bin/env bash
# vitest 5.1.2 and @playwright/test 1.65.1 (Node 20): reports of shards are merged to one of the whole
# run, and a shard whose report is not there is not missed. Playwright's merge is green besides with
# a failed test in it.
#
# Expected: a word, at the least: both keep with a shard's report which one of how many it is (vitest calls
# it .vitest/blob/blob-1-2.json; Playwright writes "shard":{"current":1,"total":2} into report-1.zip).
# Seen, of two shards, the failed one's report gone: vitest run --merge-reports: exit 0, "1 passed" ·
# playwright merge-reports: exit 0, "1 passed" · JUnit of both: tests="1" failures="0". With both
# reports: vitest 1, Playwright "1 failed, 1 passed" and exit 0.
#
# Why it matters: where shards' jobs may fail and the merged report is what is judged, a shard that was
# cancelled, ran out of memory or of time is the one whose upload is not there: what broke hardest is what
# makes the whole run green.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts vitest@5.1.2 @playwright/test@1.65.1 >/dev/null
bin="$folder/node_modules/.bin"
mkdir one other
for tool in vitest @playwright/test; do
  suffix="$([ "$tool" = vitest ] && echo test || echo spec)"
  printf 'import { expect, test } from "%s";\ntest("passes", () => { expect(1).toBe(1); });\n' \
    "$tool" >"one/one.$suffix.js"
  printf 'import { expect, test } from "%s";\ntest("fails", () => { expect(1).toBe(2); });\n' \
    "$tool" >"other/other.$suffix.js"
done
printf 'export default { testMatch: "**/*.spec.js" };\n' >playwright.config.js
printf 'export default { test: { include: ["**/*.test.js"] } };\n' >vitest.config.js
mkdir zips
still=0
for shard in 1 2; do
  "$bin/vitest" run --reporter=blob --shard="$shard/2" >said.txt 2>&1 || echo "vitest $shard" >>red.txt
  "$bin/playwright" test --reporter=blob --shard="$shard/2" >said.txt 2>&1 ||
    echo "playwright $shard" >>red.txt
  cp blob-report/report-*.zip zips/
done
cat red.txt
shard='"shard":{"current":1,"total":2}'
unzip -p zips/report-1.zip report.jsonl | grep -c -F "$shard"
try() {
  local vitest=0 playwright=0
  "$bin/vitest" run --merge-reports --reporter=junit --outputFile=vitest.xml >said.txt 2>&1 ||
    vitest=$?
  PLAYWRIGHT_JUNIT_OUTPUT_NAME=playwright.xml "$bin/playwright" merge-reports --reporter=junit zips \
    >said.txt 2>&1 || playwright=$?
  echo "$1: vitest $vitest, playwright $playwright"
  grep -h -m 1 -o '<testsuites .*' vitest.xml playwright.xml
  [ "$vitest $playwright" = "$2" ] || still=1
  for xml in vitest.xml playwright.xml; do grep -q "<testsuites .*$3" "$xml" || still=1; done
}
try 'both shards' '1 0' 'tests="2" failures="1"'
rm ".vitest/blob/blob-$(sed -n 's/^vitest //p' red.txt)-2.json"
rm "zips/report-$(sed -n 's/^playwright //p' red.txt).zip"
try 'without the failed one' '0 0' 'tests="1" failures="0"'
exit "$still"
