#!/usr/bin/env bash
# codeceptjs 4.2.0 (npm, Node 24.21.0): `run-workers` says "Worker exited with code 1" of a worker that died, and
# ends with 0 and "OK". What that worker had still to run is run by nobody, and is in no count.
#
# Expected: red, as with `run`, where the same files end with 1.
# Seen, of a file whose first scenario passes and leaves a timer behind whose function throws, and whose others wait
# and fail, and of a file with two that pass:
#   codeceptjs run: exit 1 · run-workers 2 --by suite: exit 0, "[Worker 2] UNCAUGHT EXCEPTION", "[Main] Worker
#   exited with code 1", then "OK | 2 passed" · --by pool: exit 0, "OK | 0 passed"
#   The same where code under test calls process.exit(1) in the first scenario.
#
# Why it matters: these are tests of browsers, which take long, so that CI has them run by workers: a driver that
# goes down after its test has ended takes the rest of its share with it, and the job is green, with fewer
# tests than before, or, by pool, none, as the only trace in the last line.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts codeceptjs@4.2.0 >/dev/null
export PATH="$folder/node_modules/node/bin:$folder/node_modules/.bin:$PATH"
mkdir shop
cat >shop/codecept.conf.cjs <<'JAVASCRIPT'
exports.config = { name: "shop", tests: "./*_test.js", output: "./output", helpers: { FileSystem: {} } };
JAVASCRIPT
cat >shop/passes_test.js <<'JAVASCRIPT'
Feature("passes");
Scenario("one", () => {});
Scenario("two", () => {});
JAVASCRIPT
still=0
try() {
  local code=0
  (cd shop && codeceptjs "${@:3}" -c codecept.conf.cjs) >said.txt 2>&1 || code=$?
  said="$(grep -E '^ *(OK|FAIL) +\|' said.txt | tail -n 1 | sed 's/ *\/\/.*//; s/^ *//; s/  */ /g' || true)"
  echo "codeceptjs ${*:3}: exit $code, $said"
  [ "$code" = "$1" ] && grep -q -E "$2" said.txt || still=1
}
both() {
  cat >shop/dies_test.js
  try 1 'dies' run
  for by in suite pool; do
    try 0 '^\[Main\] Worker exited with code 1' run-workers 2 --by "$by"
    case "$said" in OK*) ;; *) still=1 ;; esac
    # the last one, which fails, has not run
    if grep 'wrong price' said.txt; then still=1; fi
  done
}
both <<'JAVASCRIPT'
Feature("dies");
Scenario("leaves a timer", () => { setTimeout(() => { throw new Error("the driver is gone"); }, 50); });
Scenario("waits", () => new Promise((done) => setTimeout(done, 2000)));
Scenario("fails", () => { throw new Error("wrong price"); });
JAVASCRIPT
both <<'JAVASCRIPT'
Feature("dies");
Scenario("ends the process", () => { process.exit(1); });
Scenario("fails", () => { throw new Error("wrong price"); });
JAVASCRIPT
exit "$still"
