#!/usr/bin/env bash
# @rstest/core 0.12.0 (npm, Node 20, 24): its JUnit report has an element for a failed test and for nothing else.
# A file that does not load, a hook that fails and an error that nobody caught are in none of its counts.
#
# Expected: what vitest 5.1.2, whose interface and report it has, writes of the same five files: an element and a
# count in each, of hooks and of errors that nobody caught as well.
# Seen, each beside one test that passes: rstest: exit 1 each time, failures="0" errors="0" each time, and
#   throws at its top: tests="1", not there · afterAll throws: tests="2", its test passed
#   beforeAll throws: tests="2", its test skipped · a timer's function throws: tests="2", passed
#   a promise is rejected at the top: tests="2", passed
#   vitest: exit 1, failures="1" of the first three, errors="1" of the others
#
# Why it matters: it is what projects on Rspack go over to, for the price of another import, and the plugins that
# show and judge reports stay: from then on a shop whose database did not start has skipped its tests, a
# file that lost an import is not missed, and only the exit code of a job that may fail would tell.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @rstest/core@0.12.0 vitest@5.1.2 >/dev/null
bin="$folder/node_modules/.bin"
still=0
# name of a tool, of its import, what breaks; the report is of a test that passes, too
run() {
  local code=0
  mkdir -p "$1"
  printf 'import { test } from "%s";\ntest("well", () => {});\n' "$2" >"$1/works.test.js"
  printf 'import { afterAll, beforeAll, test } from "%s";\n%s\n' "$2" "$3" >"$1/breaks.test.js"
  # vitest writes to a file, rstest to its output
  (cd "$1" && rm -rf .vitest && "$bin/$1" run --reporter=junit >report.xml 2>said.txt) || code=$?
  if [ "$1" = vitest ]; then cp vitest/.vitest/junit/output.xml vitest/report.xml; fi
  counts="$(grep -o '<testsuites .*' "$1/report.xml" | grep -o -w '[a-z]*="[0-9]*"' | paste -s -d ' ')"
  echo "$1: exit $code · $counts"
  [ "$code" = 1 ] || still=1
}
try() {
  echo "$3"
  run rstest @rstest/core "$3"
  [ "$counts" = "tests=\"$1\" failures=\"0\" errors=\"0\" skipped=\"$4\"" ] || still=1
  if grep '<failure\|<error' rstest/report.xml; then still=1; fi
  run vitest vitest "$3"
  case "$counts" in *"$2=\"1\""*) ;; *) still=1 ;; esac
}
try 1 failures 'throw new Error("at its top"); test("one", () => {});' 0
try 2 failures 'test("one", () => {}); afterAll(() => { throw new Error("not closed"); });' 0
try 2 failures 'test("one", () => {}); beforeAll(() => { throw new Error("no service"); });' 1
try 2 errors 'setTimeout(() => { throw new Error("unheard"); }, 9); test("one", () => new Promise((d) => setTimeout(d, 60)));' 0
try 2 errors 'test("one", () => {}); Promise.reject(new Error("at its top"));' 0
exit "$still"
