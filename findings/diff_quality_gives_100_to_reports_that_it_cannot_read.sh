#!/usr/bin/env bash
# diff-quality of diff-cover 11.0.1 (Python 3.11): a report of which it understands no line, and a file that its
# tool could not parse, have "% Quality: 100%", and --fail-under 100 ends with 0.
#
# Expected: an error, or "no information", as diff-cover says where a report has no line of the change.
# Seen, of a branch whose one new file has an unused import in two lines (ruff 0.17.6, flake8 7.5.0):
#   --violations ruff.check, which runs ruff itself:                          50%, exit 1
#   --violations ruff.check with a report, ruff's --output-format concise:    50%, exit 1
#     ruff's own default format, or its --output-format github:               100%, exit 0
#   --violations flake8 with a report of flake8 in the project's folder:      50%, exit 1
#     with src/ as the current folder, or with the paths of a container, /app/src/…; an empty one: 100%, exit 0
#   a file with a syntax error, flake8 run by diff-quality: 50%, exit 1 · pyflakes 4.1.0 and pydocstyle 6.3.0,
#     run by it likewise: 100%, exit 0
#
# Why it matters: linters run in a job of their own, often in a container, and diff-quality reads what they
# wrote. A change of format or folder there turns the gate green for good, with the best figure that there is
# and every file of the change named beside it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check diff-cover==11.0.1 ruff==0.17.6 flake8==7.5.0 \
  pyflakes==4.1.0 pydocstyle==6.3.0 2>/dev/null
export PATH="$folder/env/bin:$PATH" RUFF_NO_CACHE=true
git init --quiet --initial-branch main work
cd work
git commit --quiet --allow-empty -m 'chore: begin' && git checkout --quiet -b ticket
mkdir src
commit() {
  printf '%b' "$1" >src/a.py
  git add src && git commit --quiet -m 'feat: a'
}
still=0
try() {
  local code=0 said
  diff-quality --compare-branch main --fail-under 100 --violations "${@:3}" >../said.txt 2>&1 || code=$?
  said="$(grep -oE 'Quality: [0-9]+%' ../said.txt || true)"
  echo "$2: exit $code, ${said:-$(tail -n 1 ../said.txt)}"
  [ "$code $said" = "$1" ] || still=1
}
good='0 Quality: 100%'
half='1 Quality: 50%'
commit 'import os\nvalue = 1\n'
try "$half" 'ruff, run' ruff.check
for format in concise full github; do
  ruff check --quiet --isolated --exit-zero --output-format "$format" src >../ruff.txt
  grep -q F401 ../ruff.txt || still=1
  if [ "$format" = concise ]; then expected="$half"; else expected="$good"; fi
  try "$expected" "ruff, a report, $format" ruff.check ../ruff.txt
done
flake8 --isolated --exit-zero src >../flake8.txt
try "$half" 'flake8, a report' flake8 ../flake8.txt
(cd src && flake8 --isolated --exit-zero .) >../below.txt
try "$good" 'flake8, a report made in src' flake8 ../below.txt
sed 's|^|/app/|' ../flake8.txt >../container.txt
try "$good" 'flake8, a report of a container' flake8 ../container.txt
: >../empty.txt
try "$good" 'flake8, an empty report' flake8 ../empty.txt
commit 'def broken(:\nvalue = 1\n'
try "$half" 'a syntax error, flake8' flake8
for tool in pyflakes pydocstyle; do try "$good" "a syntax error, $tool" "$tool"; done
exit "$still"
