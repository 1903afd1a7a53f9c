#!/usr/bin/env bash
# ruff 0.17.6: a folder without any Python file passes where its own configuration lies in it.
#
# Seen: with pyproject.toml (or ruff.toml) alone: exit 0, "All checks passed!", no warning, and
# "ruff check --show-files" lists the configuration · in an empty folder: exit 0, "warning: No Python
# files found under the given path(s)" beside "All checks passed!"
#
# Why it matters: the warning is what says that nothing was looked at: a wrong exclude, sources that
# moved, a checkout without them. At the top of a project there always is a configuration, so there
# the warning never comes, and a count of what --show-files lists is one too many everywhere else.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ruff==0.17.6
mkdir configured named empty
printf '[project]\nname = "roman"\nversion = "1.0"\n\n[tool.ruff]\nline-length = 90\n' \
  >configured/pyproject.toml
printf 'line-length = 90\n' >named/ruff.toml
still=0
try() {
  local code=0 said files
  said="$(cd "$1" && ../env/bin/ruff check --no-cache . 2>&1)" || code=$?
  files="$(cd "$1" && ../env/bin/ruff check --show-files . 2>/dev/null | sed 's|.*/||')"
  printf '%s: exit %s · files: %s\n%s\n\n' "$1" "$code" "${files:-none}" "$said"
  [ "$code" = 0 ] && [ "$files" = "$2" ] || still=1
  grep -q 'All checks passed!' <<<"$said" || still=1
  if [ "$2" ] && grep -q 'No Python files' <<<"$said"; then still=1; fi
}
try configured pyproject.toml
try named ruff.toml
try empty ""
exit "$still"
