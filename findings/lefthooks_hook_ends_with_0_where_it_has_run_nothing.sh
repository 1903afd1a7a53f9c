#!/usr/bin/env bash
# lefthook 2.2.1 (npm): the hook that it installs ends with 0 where lefthook is gone, where it has no
# configuration any more, and where that has nothing for the hook.
#
# Seen: with its job, exit 1; else exit 0 · without lefthook: "Can't find lefthook in PATH" ·
# without lefthook.yml: "No config files with names ... have been found" · with jobs for pre-push
# alone: a frame, and no summary
#
# Why it matters: a developer who has not run the package manager in this checkout, and a CI job
# that calls the hook as its check, get exit code 0 for a check that nobody made. Only the printed
# words tell, and with "output: false" in lefthook.yml not even these.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
git init --quiet .
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund --save-dev --ignore-scripts lefthook@2.2.1 >/dev/null
job='commands: {check: {run: echo looked; exit 3}}'
printf 'pre-commit: {%s}\n' "$job" >lefthook.yml
npx --no-install lefthook install >/dev/null
# without a staged file it runs no job
git add lefthook.yml
# the hook looks on the PATH too; there is none but what it needs
mkdir bin
for program in sh git uname tr sed node; do ln -s "$(command -v "$program")" bin/; done
still=0
try() {
  local code=0 said
  said="$(env -i HOME="$folder" PATH="$folder/bin" sh .git/hooks/pre-commit 2>&1)" || code=$?
  printf '%s: exit %s\n%s\n\n' "$1" "$code" "$said"
  [ "$code" = "$2" ] || still=1
  if [ "$2" = 0 ] && grep -q looked <<<"$said"; then still=1; fi
}
try "with its job" 1
printf 'pre-push: {%s}\n' "$job" >lefthook.yml
try "with jobs for another hook" 0
rm lefthook.yml
try "without a configuration" 0
printf 'pre-commit: {%s}\n' "$job" >lefthook.yml
rm -rf node_modules
try "without lefthook" 0
exit "$still"
