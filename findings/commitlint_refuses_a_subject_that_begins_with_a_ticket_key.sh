#!/usr/bin/env bash
# @commitlint/cli 21.2.4 with @commitlint/config-conventional 21.2.4 (Node 20): a subject in small
# letters that begins with a ticket's key, or with an abbreviation, is refused as sentence-case.
#
# Seen: "feat: SCRUM-95 add tabs" exit 1, "subject must not be sentence-case [subject-case]" ·
# "feat: API for tabs" the same · "feat: add tabs (SCRUM-95)" exit 0 · "feat(SCRUM-95): add tabs"
# exit 0
#
# Why it matters: nobody wrote a sentence there. Tools that put the key first, as JIRA's smart commits
# and many teams' rules want it, make messages that the most used configuration of commitlint
# refuses, and its words do not lead to the key. The key has to stand at the end or as the scope.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund \
  @commitlint/cli@21.2.4 @commitlint/config-conventional@21.2.4 >/dev/null
printf 'export default { extends: ["@commitlint/config-conventional"] };\n' >commitlint.config.js
still=0
try() {
  local code=0 said
  said="$(printf '%s\n' "$2" | npx --no-install commitlint 2>&1)" || code=$?
  printf '%s: exit %s · %s\n' "$2" "$code" "$(grep -o 'subject must.*' <<<"$said" || echo accepted)"
  [ "$code" = "$1" ] || still=1
  if [ "$1" = 1 ]; then grep -q 'must not be sentence-case' <<<"$said" || still=1; fi
}
try 0 "feat: add tabs"
try 1 "feat: SCRUM-95 add tabs"
try 1 "feat: API for tabs"
try 0 "feat: add tabs (SCRUM-95)"
try 0 "feat(SCRUM-95): add tabs"
exit "$still"
