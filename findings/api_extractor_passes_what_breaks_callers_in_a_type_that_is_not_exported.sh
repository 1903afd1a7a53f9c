#!/usr/bin/env bash
# @microsoft/api-extractor 7.60.1 with typescript 5.9.3 (Node 20), by its defaults: the report that a pull
# request is held to names a type that the entry point does not export, and not what is in it.
#
# Expected: every change that stops a caller from being compiled changes the report, or is told.
# Seen, "api-extractor run" after each change beside the report of before, and a caller (tsc):
#   interface Options, not exported, a parameter of an exported function, a: string → a: number:
#     "completed successfully", exit 0 · the caller: TS2322
#   class Base, not exported, of which an exported class is made, go() → go(n: number): exit 0 · TS2554
#   the exported class's own property: exit 1, "You have changed the API signature"
#   With "includeForgottenExports": true for the report the first ends with 1 too.
# The one word of it is a comment in the report, "(ae-forgotten-export) The symbol "Options" needs to be
# exported", which is there from the first day on, is taken for accepted, and is no warning of the run.
#
# Why it matters: the options of a function are what changes most, and are often declared beside it without
# an export. What is released as a patch breaks each caller's build, and the check says that the API is the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @microsoft/api-extractor@7.60.1 typescript@5.9.3 >/dev/null
bin="$folder/node_modules/.bin"
mkdir src report
echo '{"compilerOptions": {"declaration": true, "outDir": "lib", "rootDir": "src", "module": "commonjs",
  "target": "es2020", "strict": true, "types": []}, "include": ["src"]}' >tsconfig.json
configure() {
  printf '{"mainEntryPointFilePath": "<projectFolder>/lib/index.d.ts", "docModel": {"enabled": false},
    "dtsRollup": {"enabled": false}, "tsdocMetadata": {"enabled": false}, "apiReport": {"enabled": true,
    "reportFolder": "<projectFolder>/report/", "includeForgottenExports": %s}}' "$1" >api-extractor.json
}
cat >caller.ts <<'TS'
import { f, A } from "./lib";
f({ a: "x" });
new A().go();
TS
source_of() {
  cat >src/types.ts <<TS
/** @public */
export interface Options { a: $1 }
/** @public */
export class Base { go($2): void {} }
TS
  cat >src/index.ts <<TS
import { Options, Base } from "./types";
/** @public */
export function f(options: Options): void { throw options; }
/** @public */
export class A extends Base { own: $3 = null as any; }
TS
  rm -rf lib
  "$bin/tsc" --project .
}
still=0
try() {
  local code=0 caller
  source_of "${@:3}"
  "$bin/api-extractor" run >said.txt 2>&1 || code=$?
  caller="$("$bin/tsc" --noEmit --strict --skipLibCheck --module commonjs caller.ts | grep -oE 'TS[0-9]+' || true)"
  echo "$2: exit $code, the caller: ${caller:-compiled}"
  [ "$code $caller" = "$1" ] || still=1
}
configure false
source_of string '' string
"$bin/api-extractor" run --local >made.txt 2>&1
try '0 ' 'as it was' string '' string
try '0 TS2322' Options number '' string
try '0 TS2554' Base string 'n: number' string
try '1 ' 'a property' string '' number
configure true
source_of string '' string
"$bin/api-extractor" run --local >made.txt 2>&1
try '1 TS2322' 'Options, included' number '' string
exit "$still"
