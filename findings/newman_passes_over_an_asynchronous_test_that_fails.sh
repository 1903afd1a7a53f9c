#!/usr/bin/env bash
# newman 6.2.2 (Node 20): a test that is told its end by `done`, as Postman's own guide writes it, and
# whose expectation does not hold is no failed test: it is no test at all, and the run is green.
#
# Expected: a failed assertion, as of the same expectation outside of the callback.
# Seen: with pm.expect(pm.response.code).to.equal(201) of an answer of 200 within setTimeout, or within
# the callback of pm.sendRequest: exit 0 · assertions: executed 1, failed 0 (the next request's) · JUnit:
# <testsuite name="late" tests="0" failures="0" errors="0"/>. Of the same line that holds: executed 2,
# a passed test. Written without a callback: exit 1, a failure. A `done` that is never called is passed
# over alike.
#
# Why it matters: such tests are written for what comes later (a job that ends, a second request). They
# are in the count while they pass, and leave it when they fail: the build stays green, and only
# somebody who knows how many assertions there were can see it.
set -euo pipefail
folder="$(mktemp -d)"
server=''
stop() {
  [ -z "$server" ] || kill "$server" || true
  rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts newman@6.2.2 >/dev/null
cat >server.js <<'JAVASCRIPT'
const server = require("http").createServer((request, response) => response.end("{}"));
server.listen(0, "127.0.0.1", () => {
  require("fs").writeFileSync("port", String(server.address().port));
});
JAVASCRIPT
node server.js &
server=$!
until [ -s port ]; do sleep 0.1; done
cat >collection.js <<'JAVASCRIPT'
const [how, code, port] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}/`;
const expected = `pm.expect(pm.response.code).to.equal(${code});`;
const tests = {
  plain: `pm.test("late", function () { ${expected} });`,
  timeout: `pm.test("late", function (done) { setTimeout(() => { ${expected} done(); }, 20); });`,
  request: `pm.test("late", function (done) {
    pm.sendRequest("${url}", (error, answer) => { ${expected} done(); });
  });`,
};
const item = (name, exec) => ({ name, request: url, event: [{ listen: "test", script: { exec } }] });
const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
console.log(JSON.stringify({
  info: { name: "shop", schema },
  item: [item("late", tests[how].split("\n")), item("next", ['pm.test("next", () => {});'])],
}));
JAVASCRIPT
still=0
# how the test is written, the code that it expects; the exit code, assertions, and its suite's counts
try() {
  node collection.js "$1" "$2" "$(cat port)" >collection.json
  code=0
  node_modules/.bin/newman run collection.json --color off --reporters cli,junit \
    --reporter-junit-export report.xml >said.txt 2>&1 || code=$?
  assertions="$(sed -n 's/.*assertions │ *\([0-9]*\) │ *\([0-9]*\) .*/\1 \2/p' said.txt)"
  suite="$(grep -o '<testsuite name="late".*' report.xml | grep -o 'tests=.*errors="[0-9]*"')"
  echo "$1, expecting $2 of 200: exit $code · assertions, failed: $assertions · $suite"
  [ "$code $assertions $suite" = "$3" ] || still=1
}
try plain 201 '1 2 1 tests="1" failures="1" errors="0"'
try timeout 200 '0 2 0 tests="1" failures="0" errors="0"'
try timeout 201 '0 1 0 tests="0" failures="0" errors="0"'
try request 200 '0 2 0 tests="1" failures="0" errors="0"'
try request 201 '0 1 0 tests="0" failures="0" errors="0"'
exit "$still"
