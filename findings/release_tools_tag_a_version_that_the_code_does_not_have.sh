#!/usr/bin/env bash
# commitizen 4.19.3 and python-semantic-release 10.7.0 (Python 3.11): a file that is configured to carry
# the version, and no longer has the line for it, is left as it is; commit and tag are made, exit 0.
# bump-my-version 1.8.1 refuses.
#
# Expected: an error, as python-semantic-release has one for a configured file that is gone.
# Seen, version_files / version_variables = roman.py:__version__, roman.py without it: tag v1.1.0, exit 0,
# roman.py as it was, no word of it (python-semantic-release: with -v neither). roman.py gone: commitizen the
# same, python-semantic-release "does not exist", exit 1. bump-my-version: exit 2, no tag. commitizen has
# --check-consistency for it ("is not found in roman.py", exit 17, no tag), which is off.
#
# Why it matters: somebody renames the constant, or moves it to another file, and from then on what is
# deployed says an old version of itself: at /version, in logs, in error reports, in an image that is
# named by it. Nothing is red, and a job that pushes commit and tag right after it pushes them.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check \
  commitizen==4.19.3 python-semantic-release==10.7.0 bump-my-version==1.8.1
bin="$folder/env/bin"
still=0
try() {
  local code=0
  rm -rf repository && git init --quiet --initial-branch main repository
  cat >repository/pyproject.toml <<'TOML'
[project]
name = "roman"
version = "1.0.0"

[tool.commitizen]
version_provider = "pep621"
tag_format = "v$version"
version_files = ["roman.py:__version__"]

[tool.semantic_release]
version_toml = ["pyproject.toml:project.version"]
version_variables = ["roman.py:__version__"]

[tool.bumpversion]
current_version = "1.0.0"
commit = true
tag = true

[[tool.bumpversion.files]]
filename = "roman.py"
TOML
  [ "$2" = gone ] || printf '%s\n' "$2" >repository/roman.py
  git -C repository remote add origin https://example.org/a/roman.git
  git -C repository add . && git -C repository commit --quiet -m 'chore: begin'
  git -C repository tag v1.0.0 && git -C repository commit --quiet --allow-empty -m 'feat: more'
  (cd repository && "${@:3}") >said.txt 2>&1 || code=$?
  local tags text
  tags="$(git -C repository tag | tr '\n' ' ')"
  text="$(cat repository/roman.py 2>/dev/null || echo gone)"
  printf '%s: exit %s · tags %s· %s\n' "$(basename "$3")" "$code" "$tags" "$text"
  [ "$code $tags$text" = "$1" ] || still=1
  # whether a word is said of it
  if grep -qE 'roman\.py' said.txt; then echo "  $(grep -E 'roman\.py' said.txt | tail -n 1)"; fi
}
cz=("$bin/cz" bump --yes)
psr=("$bin/semantic-release" -v version --no-push --no-vcs-release --no-changelog)
bmv=("$bin/bump-my-version" bump minor)
had='__version__ = "1.0.0"'
try '0 v1.0.0 v1.1.0 __version__ = "1.1.0"' "$had" "${cz[@]}"
try '0 v1.0.0 v1.1.0 __version__ = "1.1.0"' "$had" "${psr[@]}"
try '0 v1.0.0 v1.1.0 __version__ = "1.1.0"' "$had" "${bmv[@]}"
has='__release__ = "1.0"'
try '0 v1.0.0 v1.1.0 __release__ = "1.0"' "$has" "${cz[@]}"
try '0 v1.0.0 v1.1.0 __release__ = "1.0"' "$has" "${psr[@]}"
try '2 v1.0.0 __release__ = "1.0"' "$has" "${bmv[@]}"
try '17 v1.0.0 __release__ = "1.0"' "$has" "${cz[@]}" --check-consistency
try '0 v1.0.0 v1.1.0 gone' gone "${cz[@]}"
try '1 v1.0.0 gone' gone "${psr[@]}"
exit "$still"
