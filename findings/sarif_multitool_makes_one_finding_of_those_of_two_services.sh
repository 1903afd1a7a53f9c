#!/usr/bin/env bash
# @microsoft/sarif-multitool-linux 5.7.0 (npm): `merge` keeps one of two findings that two services have at the
# same place within each, leaves out the log of a linter that broke, and ends with 0 without its inputs.
#
# Expected: as many findings as the logs have; the broken run among them; an error for a log that is not there.
# Seen:
#   oxlint 1.94.0 in be/ and in fe/, index.js:1 no-debugger each: 2 findings, merged 1
#   the same with "automationDetails": {"id": "be/"} and {"id": "fe/"}, and each with its base, file:///shop/be/
#     and file:///shop/fe/, for its paths: merged 1 finding, in 1 run with one of the two bases and ids
#   be.sarif and one of eslint 10.15.0 (@microsoft/eslint-formatter-sarif 3.1.0) that could not read its only
#     file ("executionSuccessful": false, a notification, no result): merged without eslint, no word of it;
#     with --merge-empty-logs it is there
#   be.sarif and a log that is not there: merged without it, "Merge completed", exit 0, no word of it;
#     be.sarif and one that breaks off: a message, exit 0; no log at all: a merged log without runs, exit 0
#
# Why it matters: a matrix job makes a log for each service, one more merges them, because one upload is
# allowed, and what is counted, annotated and compared is the merged one. Services made from one template
# share places and words. A job that ended before it wrote its log takes its findings with it, green.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[ "$(uname -sm)" = 'Linux x86_64' ] || { echo 'Linux on x86_64 is needed'; exit 1; }
npm install --silent --no-audit --no-fund --prefix tools @microsoft/sarif-multitool-linux@5.7.0 oxlint@1.94.0 \
  eslint@10.15.0 @microsoft/eslint-formatter-sarif@3.1.0 >/dev/null
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
modules="$folder/tools/node_modules"
chmod +x "$modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
mkdir be fe js
for service in be fe; do
  echo 'debugger;' >"$service/index.js"
  (cd "$service" && "$modules/.bin/oxlint" --format sarif . >"../$service.sarif")
  node - "$service" <<'JAVASCRIPT'
const fs = require("fs");
const name = process.argv[2];
const log = JSON.parse(fs.readFileSync(`${name}.sarif`));
const run = log.runs[0];
run.automationDetails = { id: `${name}/` };
run.originalUriBaseIds = { SRC: { uri: `file:///shop/${name}/` } };
run.results[0].locations[0].physicalLocation.artifactLocation = { uri: "index.js", uriBaseId: "SRC" };
delete run.artifacts;
fs.writeFileSync(`${name}-named.sarif`, JSON.stringify(log));
JAVASCRIPT
done
echo 'const a = ;' >js/index.js
echo 'module.exports = [{ files: ["**/*.js"] }];' >js/eslint.config.cjs
(cd js && "$modules/.bin/eslint" --format "$modules/@microsoft/eslint-formatter-sarif/sarif.js" index.js \
  >../eslint.sarif) || true
head -c 200 be.sarif >half.sarif
still=0
try() {
  local code=0 said
  rm -f merged.sarif
  "$modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" merge "${@:2}" --output-file merged.sarif \
    >said.txt 2>&1 || code=$?
  said="$(node -p 'JSON.parse(fs.readFileSync("merged.sarif")).runs.map((run) =>
    run.tool.driver.name + " " + (run.results ?? []).length).sort().join(", ")')"
  echo "${*:2}: exit $code, $said"
  [ "$code $said" = "$1" ] || still=1
}
try '0 oxlint 1' be.sarif fe.sarif
try '0 oxlint 1' be-named.sarif fe-named.sarif
# the base of one of the two is gone
[ "$(grep -cE 'file:///shop/(be|fe)/' merged.sarif)" = 1 ] || still=1
try '0 oxlint 1' be.sarif eslint.sarif
try '0 ESLint 0, oxlint 1' be.sarif eslint.sarif --merge-empty-logs
try '0 oxlint 1' be.sarif none.sarif
try '0 oxlint 1' be.sarif half.sarif
try '0 ' none.sarif
exit "$still"
