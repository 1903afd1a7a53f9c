#!/usr/bin/env bash
# mypy 2.4.1 with uv 0.13.9, ruff 0.17.6 and prek 0.5.11 (Python 3.11): an inline table over several lines, which
# TOML 1.1 allows, in pyproject.toml: those three read it, and mypy goes on without any of its settings.
#
# Expected: all refuse the file, or all read it; from mypy, which cannot, another end than 0.
# Seen, `authors = [{` … `}]` over four lines, [tool.mypy] strict = true, and a function without types:
#   prek's builtin check-toml: "Passed", exit 0 · check-toml of pre-commit-hooks 6.0.0: exit 1
#   uv lock: exit 0 · ruff check: goes by its section, D104 · pip install .: TOMLDecodeError, exit 2 · pytest: exit 4
#   mypy shop: "pyproject.toml: Invalid initial character for a key part (at line 4, column 13)" on stderr,
#     "Success: no issues found in 1 source file", exit 0 · with the table on one line: "Function is missing a type
#     annotation", exit 1
#
# Why it matters: somebody breaks a long table into lines; uv locks it, ruff goes by it, and the hook, which is there
# to notice, lets it in. Then strict is off for good in the job of mypy, which is green;
# `pip install .` breaks later, where the image is built.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check \
  mypy==2.4.1 uv==0.13.9 ruff==0.17.6 prek==0.5.11 pre-commit-hooks==6.0.0 pytest==9.2.0
mkdir -p work/shop
cd work
cat >pyproject.toml <<'TOML'
[project]
name = "shop"
version = "1.0.0"
authors = [{
    name = "A",
    email = "a@example.org",
}]
requires-python = ">=3.11"

[tool.mypy]
strict = true

[tool.ruff.lint]
select = ["D104"]

[build-system]
requires = []
build-backend = "none"
TOML
printf 'def f(a):\n    return a\n' >shop/__init__.py
printf 'repos:\n- repo: builtin\n  hooks: [{id: check-toml}]\n' >.pre-commit-config.yaml
git init --quiet .
git add .
export PREK_HOME="$folder/prek" PATH="$folder/env/bin:$PATH"
seen=''
try() { # what ends how
  local code=0
  "$@" >said.txt 2>&1 || code=$?
  echo "$1 ${2:-}: exit $code, $(grep -v '^$' said.txt | tail -n 1)"
  seen="$seen$code "
}
try prek run --all-files
try uv lock --no-python-downloads
try ruff check shop
try check-toml pyproject.toml
try pip install --no-deps --no-build-isolation .
try pytest
try mypy shop
grep -q '^pyproject.toml: Invalid initial character' said.txt
python3 - <<'PYTHON'
from pathlib import Path

file = Path("pyproject.toml")
file.write_text(file.read_text().replace("[{\n    ", "[{").replace('",\n    ', '", ').replace('",\n}', '"}'))
PYTHON
try mypy shop
test "$seen" = '0 0 1 1 2 4 0 1 '
