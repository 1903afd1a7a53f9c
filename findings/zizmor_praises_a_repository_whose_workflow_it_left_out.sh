#!/usr/bin/env bash
# zizmor 1.32.0 (Python 3.11) with @actions/workflow-parser 0.3.61, which is GitHub's own (Node 20): workflows that
# GitHub takes do not fit the schema that zizmor holds them to, and are left out: "Good job!", exit 0.
#
# Expected: what it finds in the same workflow without that line ("unpinned-uses"), or a failed run.
# Seen, beside a workflow in which there is nothing to find, each of these lines alone (GitHub's parser: no error):
#   a step with `name: 404`                        a job with `strategy: ${{ fromJSON(needs.plan.outputs.plan) }}`
#   a job with `services: ${{ fromJSON(inputs.services) }}`     `concurrency: 7` · `environment: 2`
#   credentials of a container with `password: 1`
#   each: a WARN on stderr, "failed to validate … as workflow", then "No findings to report. Good job!", exit 0;
#   --format sarif: the file is in no result. Without the line: exit 14, unpinned-uses.
#   With --strict-collection, which is off: exit 1. Where the only workflow is such a one: exit 3, no inputs.
#
# Why it matters: what zizmor leaves out is not always broken, as one would think of the word "validate"; the
# workflow runs. A repository has several, so the run stays green, and it gets greener: the findings of that file
# are closed in whatever reads the SARIF, as if somebody had mended them.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check zizmor==1.32.0
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @actions/workflow-parser@0.3.61 esbuild@0.28.2
cat >parse.mjs <<'JAVASCRIPT'
import { readFileSync } from "fs";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
const file = { name: "b.yml", content: readFileSync(process.argv[2], "utf8") };
const { context } = parseWorkflow(file, new NoOperationTraceWriter());
console.log(context.errors.getErrors().length);
JAVASCRIPT
node_modules/.bin/esbuild parse.mjs --bundle --platform=node --outfile=parse.cjs --log-level=error
mkdir -p work/.github/workflows
cat >work/.github/workflows/a.yml <<'YAML'
on: push
permissions: {}
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{run: echo a}]
YAML
env/bin/python - <<'PYTHON'
import json
import subprocess
import sys

CASES = {
    "without": {},
    "step": {"step": "        name: 404\n"},
    "strategy": {"job": "    strategy: ${{ fromJSON(needs.plan.outputs.plan) }}\n"},
    "services": {"job": "    services: ${{ fromJSON(inputs.services) }}\n"},
    "concurrency": {"job": "    concurrency: 7\n"},
    "environment": {"job": "    environment: 2\n"},
    "password": {"job": "    container: {image: a, credentials: {username: b, password: 1}}\n"},
}


def told(*command):
    ended = subprocess.run(command, capture_output=True, text=True)
    return ended.returncode, ended.stdout, ended.stderr


still = True
for name, case in CASES.items():
    jobs = "  plan:\n    runs-on: a\n    outputs: {plan: b}\n    steps: [{run: echo a}]\n  a:\n    needs: plan\n"
    text = "on: push\npermissions: {}\njobs:\n" + jobs + "    runs-on: a\n" + case.get("job", "")
    text += "    steps:\n      - uses: actions/checkout@main\n" + case.get("step", "")
    with open("work/.github/workflows/b.yml", "w", encoding="utf-8") as file:
        file.write(text)
    errors = told("node", "parse.cjs", "work/.github/workflows/b.yml")[1].strip()
    zizmor = ("env/bin/zizmor", "--offline", "--no-progress")
    code, said, warned = told(*zizmor, "work")
    sarif = json.loads(told(*zizmor, "--format", "sarif", "work")[1])
    results = sum(1 for result in sarif["runs"][0]["results"] if "b.yml" in json.dumps(result))
    strict = told(*zizmor, "--strict-collection", "work")[0]
    left, praised = "failed to validate" in warned, "Good job!" in said
    print(f"{name}: errors {errors} · exit {code}, left out {left}, praised {praised}, SARIF {results}, {strict}")
    seen = (errors, code, left, praised, results > 0, strict)
    still &= seen == (("0", 0, True, True, False, 1) if case else ("0", 14, False, False, True, 14))
sys.exit(0 if still else 1)
PYTHON
