#!/usr/bin/env bash
# artillery 2.0.34 (Node 20): its own gate (`ensure`) is green where each answer is a 500, and red where
# none is, if one asks for none.
#
# Expected: maxErrorRate counts an answer of 500 as an error; a counter that nothing has counted is 0.
# Seen, of requests that are all answered, with 500 or with 200:
#   ensure                                        all 500             all 200
#   maxErrorRate: 1                               ok, exit 0          ok, exit 0
#   http.codes.500 == 0                           fail, exit 1        fail, exit 1
#   http.codes.200 == http.requests               fail, exit 1        ok, exit 0
# In the report of all 500, vusers.failed is 0.
#
# Why it matters: the obvious gate passes a service that answers nothing but errors, quickly. The next one
# that a team writes is red for a service without a fault, and what they take away then is the gate. Only
# what is to be there can be asked for.
set -euo pipefail
folder="$(mktemp -d)"
server=''
# shellcheck disable=SC2329
stop() {
  [ -z "$server" ] || kill "$server" || true
  rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
export ARTILLERY_DISABLE_TELEMETRY=true
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts artillery@2.0.34 >/dev/null
cat >server.js <<'JAVASCRIPT'
const server = require("http").createServer((request, response) => {
  response.statusCode = Number(request.url.slice(1));
  response.end("{}");
});
server.listen(0, "127.0.0.1", () => {
  require("fs").writeFileSync("port", String(server.address().port));
});
JAVASCRIPT
node server.js &
server=$!
until [ -s port ]; do sleep 0.1; done
still=0
# the gate, and the exit codes where each answer is a 500 and where each is a 200
try() {
  codes=''
  for status in 500 200; do
    cat >script.yml <<YAML
config:
  target: "http://127.0.0.1:$(cat port)"
  phases: [{duration: 1, arrivalRate: 3}]
  plugins: {ensure: {}}
  ensure: $1
scenarios: [{flow: [{get: {url: "/$status"}}]}]
YAML
    code=0
    node_modules/.bin/artillery run --quiet --output report.json script.yml >said.txt 2>&1 || code=$?
    counted="$(grep -oE '"(http.codes.[0-9]+|vusers.failed)": [0-9]+' report.json | sort -u | paste -sd ' ')"
    echo "$1, all $status: exit $code · $(grep -E '^(ok|fail):' said.txt) · $counted"
    codes+="$code "
  done
  [ "$codes" = "$2" ] || still=1
}
try '{maxErrorRate: 1}' '0 0 '
try '{conditions: [{expression: "http.codes.500 == 0"}]}' '1 1 '
try '{conditions: [{expression: "http.codes.200 == http.requests"}]}' '1 0 '
exit "$still"
