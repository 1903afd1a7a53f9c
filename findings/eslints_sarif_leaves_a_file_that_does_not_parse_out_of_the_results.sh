#!/usr/bin/env bash
# eslint 10.15.0 with @microsoft/eslint-formatter-sarif 3.1.0 (Node 20): a file that does not parse
# is an error of eslint, and no result of its SARIF.
#
# Seen: exit 1 · "results": [] · the error stands under invocations[0].toolConfigurationNotifications
# (ESL0999, level "error", with file, line and column), with "executionSuccessful": false · in
# eslint's JSON it is a message like any other, with severity 2
#
# Why it matters: what reads a report goes by "results", as SARIF §3.14.23 has it for what a tool
# detected. A review or a dashboard that is fed with this file shows none of the errors that break a
# program entirely, and shows the file as clean; only the exit code, which is not in the report, and
# the notifications tell.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund \
  eslint@10.15.0 @microsoft/eslint-formatter-sarif@3.1.0 >/dev/null
printf 'export default [{ rules: {} }];\n' >eslint.config.mjs
mkdir src
printf 'const = ;\n' >src/broken.js
code=0
npx --no-install eslint -f @microsoft/eslint-formatter-sarif src >report.sarif || code=$?
npx --no-install eslint -f json src >report.json || true
python3 - "$code" <<'PYTHON'
import json
import sys

(run,) = json.load(open("report.sarif", encoding="utf-8"))["runs"]
(file,) = json.load(open("report.json", encoding="utf-8"))
(invocation,) = run["invocations"]
seen = {
    "exit": int(sys.argv[1]),
    "results": run.get("results", []),
    "notified": [one["descriptor"]["id"] for one in invocation["toolConfigurationNotifications"]],
    "in JSON": [message["severity"] for message in file["messages"]],
}
print(json.dumps(seen))
still = seen == {"exit": 1, "results": [], "notified": ["ESL0999"], "in JSON": [2]}
sys.exit(0 if still else 1)
PYTHON
