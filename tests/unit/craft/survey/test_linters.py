"""Linters, hooks, CI systems and the rest of what is seen of a repository, a shape a row."""

import json
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.adapters.git.clone_facts import host_and_path
from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.survey.clone import CloneFacts
from devflow.steps import REGISTRY
from tests.standins.surveyed import Machine, Seen, machine

ALL = machine(*"mypy npx npm golangci-lint rubocop yamllint pre-commit pylint".split())
ESLINT = json.dumps({"name": "web", "devDependencies": {"eslint": "9"}})
PIP = "python3 -m venv .venv && .venv/bin/python -m pip install"
NO_FORM = "its output has no form that devflow reads: let a hook or a `shell` entry run it"


class Row(NamedTuple):
    """A repository, and the lines that are seen of a kind."""

    id: str
    kind: str
    files: dict[str, str]
    lines: list[str]
    on: Machine = ALL


ROWS = (
    Row(
        "ruff",
        "linter",
        {"ruff.toml": "[format]\n"},
        ["+ ruff: ruff", "+ ruff-format: ruff-format"],
    ),
    Row("flake8 of a folder", "linter", {"a/.flake8": "[flake8]\n"}, ["+ flake8: flake8 a cwd=a"]),
    Row(
        "two of a name in a list",
        "linter",
        {"a/.flake8": "[flake8]\n", "b/.flake8": "[flake8]\n", "mypy.ini": ""},
        [
            "+ flake8: flake8 a cwd=a",
            "- flake8-2: flake8 b cwd=b (its name stands in the list: give this one a name and a"
            " command, as run:)",
            "+ mypy: mypy .",
        ],
    ),
    Row(
        "mypy of a package",
        "linter",
        {"mypy.ini": "[mypy]\n", "src/roof/__init__.py": "", "tests/__init__.py": ""},
        ["+ mypy: mypy src/roof"],
    ),
    Row(
        "mypy that names its files",
        "linter",
        {"pyproject.toml": "[tool.mypy]\nfiles = ['a']\n[tool.isort]\n"},
        ["+ mypy: mypy", f"- isort: isort ({NO_FORM})"],
    ),
    Row(
        "mypy that is missing",
        "linter",
        {"setup.cfg": "[mypy]\n"},
        [f"- mypy: mypy . (no mypy on this machine; type: {PIP} mypy)"],
        machine(),
    ),
    Row(
        "ruff that is missing where no environment is",
        "linter",
        {"ruff.toml": ""},
        [f"- ruff: ruff (no ruff for this project; type: {PIP} ruff)"],
        machine(lacks=("ruff",)),
    ),
    Row(
        "ruff that is missing where a tool makes the environment",
        "linter",
        {"ruff.toml": "", "uv.lock": ""},
        ["- ruff: ruff (no ruff for this project; type: uv sync)"],
        machine(lacks=("ruff",)),
    ),
    Row(
        "eslint of a folder",
        "linter",
        {"web/package.json": ESLINT, "web/package-lock.json": "{}", "web/eslint.config.js": ""},
        [
            "+ eslint: npx --no-install eslint -f json . setup=npm ci setup_key=package-lock.json"
            " keep=node_modules cwd=web"
        ],
    ),
    Row(
        "eslint that nothing installs",
        "linter",
        {".eslintrc.json": "{}"},
        ["- eslint: eslint -f json . (no package.json names eslint)"],
    ),
    Row("prettier", "linter", {".prettierrc": ""}, [f"- prettier: prettier ({NO_FORM})"]),
    Row("golangci", "linter", {".golangci.yml": ""}, ["+ golangci-lint: golangci-lint run"]),
    Row(
        "perlcritic",
        "linter",
        {".perlcriticrc": "", "lib/A.pm": "", "bin/a": "#!/usr/bin/perl -w\n", "script/b.sh": ""},
        [r"+ perlcritic: perlcritic --quiet --verbose '%f:%l:%c: %m [%p]\n' lib bin"],
        machine("perlcritic"),
    ),
    Row(
        "perlcritic that is missing",
        "linter",
        {"a/.perlcriticrc": "", "a/b.pl": ""},
        [
            r"- perlcritic: perlcritic --quiet --verbose '%f:%l:%c: %m [%p]\n' . cwd=a (no"
            " perlcritic on this machine; type: cpanm Perl::Critic)"
        ],
    ),
    Row(
        "pre-commit",
        "hooks",
        {".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a}, {id: b}]}]\n"},
        ["+ pre-commit: pre-commit: a, b"],
    ),
    Row(
        "pre-commit that is missing",
        "hooks",
        {".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a}]}]\n"},
        ["- pre-commit: pre-commit: a (no pre-commit on this machine: pipx install pre-commit)"],
        machine(),
    ),
    Row(
        "pre-commit for messages alone",
        "hooks",
        {
            ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, "
            "stages: [commit-msg]}]}]\n"
        },
        ["- pre-commit: pre-commit (it has no hook for pre-commit)"],
    ),
    Row(
        "husky that is not installed",
        "hooks",
        {".husky/pre-commit": "npm test\n"},
        ["- husky: husky (not installed in this clone, so git runs no hook of it)"],
    ),
    Row(
        "GitHub Actions",
        "ci",
        {
            ".github/workflows/ci.yml": "on: [push]\njobs:\n"
            "  a: {name: Unit, strategy: {matrix: {x: [1]}}}\n"
            "  b: {name: 'on ${{ matrix.os }}'}\n",
        },
        [
            "- GitHub Actions: GitHub Actions: Unit (*), on * names=Unit (*),on *"
            " for_changes=True (nothing runs them in the sandbox: with connect: real they are"
            " waited for)"
        ],
    ),
    Row(
        "a release workflow",
        "ci",
        {".github/workflows/r.yml": "on:\n  release:\n    types: [push]\njobs: {a: {}}\n"},
        [
            "- GitHub Actions: GitHub Actions: a (on release) names=a for_changes=False"
            " (no push and no pull request starts it)"
        ],
    ),
    Row(
        "GitLab",
        "ci",
        {".gitlab-ci.yml": "stages: [x]\n.base: {}\nunit:\n  script: [!reference [.base, x]]\n"},
        [
            "- GitLab CI: GitLab CI: unit names=unit (devflow waits for checks at GitHub, and its"
            " jobs are not read)"
        ],
    ),
    Row(
        "compose",
        "service",
        {
            "compose.yaml": "services:\n  db: {ports: ['127.0.0.1:5432:5432']}\n  web:\n"
            "    healthcheck: {test: 'curl http://localhost:80/well'}\n"
        },
        [
            "- db: db, port 5432 (devflow has to be told how it starts and is well:"
            " docs/services.md)",
            "- web: web, well at /well (devflow has to be told how it starts and is well:"
            " docs/services.md)",
        ],
    ),
    Row(
        "a Dockerfile",
        "service",
        {"api/Dockerfile": "FROM x\nHEALTHCHECK CMD wget \\\n  http://127.0.0.1:1/ok\n"},
        ["- api: api/Dockerfile, well at /ok (an image is of a service: docs/images.md)"],
    ),
    Row(
        "owners",
        "owners",
        {"docs/CODEOWNERS": ""},
        ["- CODEOWNERS: code owners: step 12 asks them"],
    ),
    Row(
        "submodules",
        "submodule",
        {".gitmodules": '[submodule "a"]\n  path = lib/a\n  path = "b c"\n'},
        ["- submodules: lib/a, b c"],
    ),
    Row(
        "large files",
        "large files",
        {".gitattributes": "*.bin filter=lfs -text\n*.txt text\n"},
        ["- git-lfs: *.bin"],
    ),
    Row("documents", "docs", {"doc/a.md": ""}, ["- docs: doc"]),
    Row(
        "what has not the form of its name",
        "unread",
        {
            "pyproject.toml": "a = b\n",
            "package.json": '{"name": "web" x}',
            "compose.yaml": "services:\n  api: [\n",
            "setup.cfg": "a\n",
            "composer.json": "",
        },
        [
            "- compose.yaml: YAML (did not find expected node content (line 3))",
            "- package.json: JSON (Expecting ',' delimiter: line 1 column 16 (char 15))",
            "- pyproject.toml: TOML (Invalid value (at line 1, column 5))",
            "- setup.cfg: INI (File contains no section headers. file: '<string>', line: 1 'a\\n')",
        ],
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_is_seen_is_in_or_its_line_says_why_not(row: Row) -> None:
    assert Seen(row.files, row.on).lines(row.kind) == row.lines


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_pipeline_of_each_is_taken(row: Row) -> None:
    build(parse("pipeline.yaml", Seen(row.files, row.on).text), REGISTRY)


def test_with_a_real_connection_the_checks_of_ci_are_waited_for() -> None:
    files = {".github/workflows/ci.yml": "on: push\njobs: {unit: {}}\n"}
    assert "    - checks # .github/workflows/ci.yml: GitHub Actions: unit" in (
        Seen(files, ALL, "real").text
    )


@pytest.mark.parametrize(
    ("clone", "project", "patterns"),
    (
        (CloneFacts(branches=("main",)), None, []),
        (CloneFacts(branches=("feature/ROOF-7-tiles", "release-2")), "ROOF", []),
        (CloneFacts(branches=("fix/ROOF-7-tiles", "fix/ROOF-8")), "ROOF", ["fix/*"]),
        (CloneFacts(remote_branches=("ROOF-1", "ROOF-2", "UP-1")), "ROOF", []),
        (CloneFacts(branches=("roof-7-x", "UTF-8"), subjects=("ROOF-1 a",)), "UTF", []),
        (CloneFacts(subjects=("ROOF-1 a", "see ROOF-2")), "ROOF", []),
    ),
)
def test_the_key_of_the_project_is_what_branches_and_subjects_name_most(
    clone: CloneFacts, project: str | None, patterns: list[str]
) -> None:
    survey = Seen({}, ALL, clone=clone).survey
    assert (survey.tracker_project and survey.tracker_project.value) == project
    assert [known.value for known in survey.branch_patterns] == patterns


@pytest.mark.parametrize(
    ("address", "place"),
    (
        ("git@github.com:acme/roof.git", ("github.com", "acme/roof")),
        ("https://github.com/acme/roof", ("github.com", "acme/roof")),
        ("ssh://git@git.acme.example:2222/acme/roof.git", ("git.acme.example", "acme/roof")),
        ("/srv/git/roof.git", ("", "")),
        ("../roof", ("", "")),
        ("file:///srv/roof", ("", "")),
        ("./a:b", ("", "")),
        ("", ("", "")),
    ),
)
def test_an_address_says_its_host_and_the_path_there(address: str, place: tuple[str, str]) -> None:
    assert host_and_path(address) == place


@given(st.text())
def test_any_address_is_taken(address: str) -> None:
    host_and_path(address)
