#!/usr/bin/env bash
# openapi-diff 0.24.1 and @useoptic/optic 1.0.9 (Node 20) call an API unchanged whose key moved to another
# header, or became a bearer token, and pass an operation that asks for a second scheme beside the key.
#
# Expected: a breaking change; each of the three locks out every caller there is.
# Seen, openapi-diff · optic diff --check, exit status of each:
#   components.securitySchemes.key.name X-Key -> X-Api-Key: "No changes found" 0 · "No operations changed" 0
#   the scheme becomes http bearer under its old name:       "No changes found" 0 · "No operations changed" 0
#   security: [{key: []}] -> [{key: [], token: []}]:         "No changes found" 0 · "1 operation changed" 0
#   a list in the query from "ids=a&ids=b" to "ids=a,b":     "No changes found" 0 · "1 operation changed" 0
#   for comparison, a field that is gone from the answer:    1 · 1
#
# Why it matters: such a tool is what says "minor" instead of "major", or lets a merge through. A description
# names its schemes once and refers to them, so the change does not even lie in the operations that it
# breaks. Who gates on one of them needs a test that calls with yesterday's key.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OPTIC_TELEMETRY_LEVEL=off
echo '{}' >package.json
# optic alone brings two versions of ajv, with which it does not start: the first package brings one
npm install --silent --no-audit --no-fund openapi-diff@0.24.1 >/dev/null
npm install --silent --no-audit --no-fund @useoptic/optic@1.0.9 >/dev/null
cat >describe.js <<'JAVASCRIPT'
const { writeFileSync } = require("fs");
const described = () => ({
  openapi: "3.0.3",
  info: { title: "prices", version: "1" },
  paths: {
    "/price": {
      get: {
        security: [{ key: [] }],
        parameters: [
          {
            name: "ids", in: "query", style: "form", explode: true,
            schema: { type: "array", items: { type: "string" } },
          },
        ],
        responses: {
          200: {
            description: "ok",
            content: {
              "application/json": {
                schema: {
                  type: "object", required: ["eur"],
                  properties: { eur: { type: "number" }, at: { type: "string" } },
                },
              },
            },
          },
        },
      },
    },
  },
  components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
});
const bearer = { type: "http", scheme: "bearer" };
const changes = {
  base: () => {},
  header: (api) => (api.components.securitySchemes.key.name = "X-Api-Key"),
  bearer: (api) => (api.components.securitySchemes.key = bearer),
  second: (api) => {
    api.components.securitySchemes.token = bearer;
    api.paths["/price"].get.security = [{ key: [], token: [] }];
  },
  commas: (api) => (api.paths["/price"].get.parameters[0].explode = false),
  field: (api) => {
    const media = api.paths["/price"].get.responses[200].content["application/json"];
    delete media.schema.required;
    delete media.schema.properties.eur;
  },
};
for (const [name, change] of Object.entries(changes)) {
  const api = described();
  change(api);
  writeFileSync(`${name}.json`, JSON.stringify(api));
}
JAVASCRIPT
node describe.js
still=0
try() {
  local differ=0 optic=0
  node_modules/.bin/openapi-diff base.json "$2.json" >differ.txt 2>&1 || differ=$?
  node_modules/.bin/optic diff base.json "$2.json" --check >optic.txt 2>&1 || optic=$?
  echo "$2: $differ $(head -n 1 differ.txt) · $optic $(grep -m 1 Operations optic.txt || true)"
  [ "$differ $optic" = "$1" ] || still=1
  if [ "$1" = '0 0' ] && ! grep -q '^No changes found' differ.txt; then still=1; fi
}
try '0 0' header
try '0 0' bearer
try '0 0' second
try '0 0' commas
try '1 1' field
exit "$still"
