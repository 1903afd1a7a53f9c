#!/usr/bin/env bash
# syncpack 15.3.3 (npm): `syncpack lint` finds no package of a workspace whose pattern npm reads, and ends with
# "No issues found" and 0; so it does where it can read none of them.
#
# Expected: the packages that npm finds; an error where there is none, or where one cannot be read.
# Seen, of two packages that ask for x 1.0.0 and x 2.0.0 (packages that npm finds · exit status):
#   "workspaces": ["packages/*"]:    2 · 1, "1.0.0 → 2.0.0 in packages/a/package.json"
#   "workspaces": ["./packages/*"], ["packages/*/"], ["./packages/a", "./packages/b"]:
#     2 each · 0, "No issues found", no warning; the same patterns in pnpm-workspace.yaml: 0
#   ["packages/*"], packages/b/package.json with a comma too many: 0, "Invalid JSON at …" and below it
#     "No issues found"
#   .syncpackrc that is no JSON or YAML, of a check whose rules stand there: 0, without a word of it
#
# Why it matters: all of these spellings work wherever the packages are installed and built, so nobody looks
# for a fault there; the check is green from its first day on, says the same as of a tidy repository, and
# looks at the root's package.json alone. That each package has its own version of React is found at runtime.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix tools syncpack@15.3.3 >/dev/null
mkdir -p work/packages/a work/packages/b
cd work
package() {
  printf '{"name": "%s", "version": "1.0.0", "dependencies": {"x": "%s"}}\n' "$1" "$2" >"packages/$1/package.json"
}
package a 1.0.0
package b 2.0.0
still=0
try() {
  local code=0 words
  ../tools/node_modules/.bin/syncpack lint >said.txt 2>&1 || code=$?
  words="$(grep -oE 'in packages/a|No issues found|Invalid JSON' said.txt | tr '\n' ' ' || true)"
  echo "$2: exit $code, ${words:-no word of it}"
  [ "$code $words" = "$1" ] || still=1
}
root() {
  printf '{"name": "r", "version": "1.0.0", "private": true%s}\n' "$1" >package.json
}
for pattern in '"packages/*"' '"./packages/*"' '"packages/*/"' '"./packages/a", "./packages/b"'; do
  root ", \"workspaces\": [$pattern]"
  # it lists its packages with their versions
  [ "$(npm pkg get version --workspaces | grep -c '1.0.0')" = 2 ] || still=1
  expected='0 No issues found '
  if [ "$pattern" = '"packages/*"' ]; then expected='1 in packages/a '; fi
  try "$expected" "npm, $pattern"
done
root ''
for pattern in './packages/*' 'packages/*/'; do
  printf 'packages: ["%s"]\n' "$pattern" >pnpm-workspace.yaml
  try '0 No issues found ' "pnpm, $pattern"
done
rm pnpm-workspace.yaml
root ', "workspaces": ["packages/*"]'
printf '{"name": "b", "version": "1.0.0", "dependencies": {"x": "2.0.0"},}\n' >packages/b/package.json
try '0 Invalid JSON No issues found ' 'a comma too many'
package b 1.0.0
rules='"versionGroups": [{"dependencies": ["x"], "isBanned": true}]'
printf '{%s}\n' "$rules" >.syncpackrc
try '1 in packages/a ' 'x is banned'
printf '{%s\n' "$rules" >.syncpackrc
try '0 No issues found ' 'x is banned in a file without its end'
exit "$still"
