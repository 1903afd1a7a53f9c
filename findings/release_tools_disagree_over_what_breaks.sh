#!/usr/bin/env bash
# commitizen 4.19.3, git-cliff 2.14.2 (both Python 3.11) and @semantic-release/commit-analyzer 13.0.1
# (Node 20), each as it is set up by default: one commit that breaks something has two next versions.
#
# Seen after 1.2.0 (commitizen · git-cliff · semantic-release):
#   "feat: a", a blank line, "text", "BREAKING CHANGE: b" right below it: 2.0.0 · 1.3.0 · major
#   "feat: a", a blank line, "BREAKING-CHANGE: b":                       2.0.0 · 2.0.0 · minor
#   "fix: a", a blank line, "breaking change: b":                        1.2.1 · 1.2.1 · major
#   "feat!: a":                                                          2.0.0 · 2.0.0 · no release
#
# Why it matters: Conventional Commits 1.0.0 wants a blank line before footers (8), the words in
# capitals (15), the hyphen as good as the blank (16), and "!" alone as enough (13): git-cliff alone
# holds all four. Where commits are checked by one of them and the release is made by another, or a team
# changes over, a breaking change goes out as a minor version or not at all, or prose makes a major one.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check commitizen==4.19.3 git-cliff==2.14.2
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund @semantic-release/commit-analyzer@13.0.1 >/dev/null
cat >analyze.js <<'JAVASCRIPT'
import { analyzeCommits } from "@semantic-release/commit-analyzer";
const commits = [{ hash: "1234567", message: process.argv[2] }];
console.log(await analyzeCommits({}, { cwd: ".", commits, logger: { log() {} } }));
JAVASCRIPT
still=0
try() {
  rm -rf repository && git init --quiet repository
  printf '[tool.commitizen]\nversion = "1.2.0"\ntag_format = "v$version"\n' >repository/.cz.toml
  git -C repository add . && git -C repository commit --quiet -m 'chore: begin'
  git -C repository tag v1.2.0 && git -C repository commit --quiet --allow-empty -m "$2"
  local cz cliff analyzer
  cz="$(cd repository && ../env/bin/cz bump --get-next)"
  cliff="$(cd repository && ../env/bin/git-cliff --bumped-version 2>/dev/null)"
  analyzer="$(node analyze.js "$2")"
  printf '%-45q %s · %s · %s\n' "$2" "$cz" "$cliff" "$analyzer"
  [ "$cz ${cliff#v} $analyzer" = "$1" ] || still=1
}
try '2.0.0 1.3.0 major' $'feat: a\n\ntext\nBREAKING CHANGE: b'
try '2.0.0 2.0.0 minor' $'feat: a\n\nBREAKING-CHANGE: b'
try '1.2.1 1.2.1 major' $'fix: a\n\nbreaking change: b'
try '2.0.0 2.0.0 null' 'feat!: a'
exit "$still"
