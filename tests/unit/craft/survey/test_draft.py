"""Whatever a repository holds, what is drafted is a pipeline that devflow takes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.survey.clone import CloneFacts
from devflow.steps import REGISTRY
from tests.standins.surveyed import Seen, machine

ALL = machine(
    *"go cargo npm npx node pnpm yarn bun mypy make pre-commit ruby rspec prove perl".split()
)
NAMES = (
    "package.json package-lock.json pnpm-lock.yaml pnpm-workspace.yaml pyproject.toml setup.cfg "
    "tox.ini pytest.ini Makefile go.mod Cargo.toml pom.xml composer.json phpunit.xml .flake8 "
    "mypy.ini tsconfig.json .pre-commit-config.yaml .gitlab-ci.yml compose.yaml Dockerfile "
    "Procfile .gitmodules .gitattributes .github/workflows/ci.yml CODEOWNERS mkdocs.yml "
    "Makefile.PL dist.ini META.json .perlcriticrc"
).split()
FOLDERS = st.sampled_from(
    ("", "web/", "packages/a/", "a b/", "ü/", "-x/", "a:#b/", "tests/", "{x}/")
)
TESTS = ("test_a.py", "a_test.go", "a.test.js", "a_spec.rb", "src/test/java/ATest.java", "t/a.t")
PLAIN: Any = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
KEYS = st.sampled_from(
    "name scripts test dependencies workspaces packages tool pytest ini_options addopts testpaths "
    "coverage run source project jobs on services ports healthcheck repos hooks packageManager "
    "husky mypy files ruff strategy matrix".split()
)
ODD = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SECTION = st.sampled_from(
    (
        "[pytest]\n",
        "[tool:pytest]\n",
        "[flake8]\n",
        "[mypy]\n",
        "[tool.mypy]\n",
        "[project]\n",
        "[tool.pytest.ini_options]\n",
        "test:\n",
        "on:\n  push:\n",
        "HEALTHCHECK CMD ",
        "\tpath = ",
        "use A::B;\n",
        "name = ",
        "NAME => '",
    )
)
TEXTS = st.one_of(
    ODD.map(json.dumps),
    st.text(max_size=60),
    st.builds(lambda head, rest: f"{head}{rest}", SECTION, st.text(max_size=30)),
    st.just("const { test } = require('node:test');\n"),
    st.builds(lambda script: json.dumps({"scripts": {"test": script, "test:x": "y"}}), st.text()),
)
FILES = st.dictionaries(
    st.builds(lambda folder, name: f"{folder}{name}", FOLDERS, st.sampled_from((*NAMES, *TESTS))),
    TEXTS,
    max_size=8,
)
BRANCHES = st.lists(
    st.sampled_from(("main", "fix/ROOF-7", "ROOF-8-x", "a{b}/ROOF-9", "roof-1", "#/ROOF-2: x")),
    max_size=3,
)


def plan_of(text: str) -> Any:
    return build(parse("pipeline.yaml", text), REGISTRY)


@settings(max_examples=200, deadline=None)
@given(FILES, BRANCHES, st.sampled_from(("sandbox", "real")))
def test_any_files_make_a_pipeline_that_is_taken(
    files: dict[str, str], branches: list[str], connect: Any
) -> None:
    clone = CloneFacts(branches=tuple(branches), subjects=("ROOF-1: x",))
    seen = Seen(files, ALL, connect, clone)
    plan = plan_of(seen.text)
    survey = seen.survey
    assert set(plan.project.suites) == {suite.name for suite in survey.of("suite") if suite.is_in}
    steps = {entry.step.name for entry in plan.entries}
    assert ("quality" in steps) == any(linter.is_in for linter in survey.of("linter"))
    assert ("pre_commit" in steps) == any(hook.is_in for hook in survey.of("hooks"))


@given(FILES)
@settings(max_examples=60, deadline=None)
def test_what_was_left_out_stands_as_a_comment_with_its_reason(files: dict[str, str]) -> None:
    seen = Seen(files, ALL)
    comments = [line for line in seen.text.splitlines() if "# not in, " in line]
    left_out = [one for one in seen.survey.sights if one.is_line and not one.is_in]
    assert len(comments) == len(left_out)
    assert all(line.lstrip().startswith("#") for line in comments)


def test_without_the_comment_sign_what_was_left_out_is_in() -> None:
    seen = Seen({"go.mod": "module x\n", "a_test.go": "", ".golangci.yml": ""}, machine("go"))
    lines = []
    for line in seen.text.splitlines():
        body = line.lstrip()
        if body.startswith("# ") and ("# not in" in body or body == "# ci:"):
            line = line.replace("# ", "", 1)
        lines.append(line)
        if body == "# ci:":
            lines.append("    - trigger")
    plan = plan_of("\n".join(lines) + "\n")
    named = [entry.params.linters for entry in plan.entries if entry.step.name == "quality"]
    assert [list(linters) for linters in named] == [["golangci-lint"]]


def test_where_every_suite_is_left_out_the_entry_that_runs_them_stands_commented() -> None:
    seen = Seen({"go.mod": "module x\n", "a_test.go": ""}, machine())
    entry = "    # - local_tests # every suite above is left out: take the # away here too"
    assert f"{entry}, else none is run\n" in seen.text
    lines = seen.text.replace("# suites:", "suites:")
    lines = lines.replace("# go: {run", "go: {run").replace("# - local_tests", "- local_tests")
    plan = plan_of(lines)
    assert "local_tests" in [entry.step.name for entry in plan.entries]
    assert list(plan.project.suites) == ["go"]


def test_a_comment_is_whole_however_long() -> None:
    script = " && ".join(f"run packages-{number}" for number in range(60))
    package = {"name": "x", "scripts": {"test": "vitest", "test:e2e": script}}
    seen = Seen({"package.json": json.dumps(package), ".prettierrc": ""}, machine("npm"))
    assert "…" not in seen.text
    assert "run packages-59" in seen.text


@pytest.mark.parametrize(
    "subjects, line",
    [
        (("Add prices", "Mend the form") * 3, "commit: {with: {style: plain}} # git log: "),
        (("feat: add prices", "fix: mend the form") * 3, "commit\n"),
        # too few to be a style
        (("Initial commit",), "commit\n"),
    ],
)
def test_commits_are_written_as_the_log_has_them(subjects: tuple[str, ...], line: str) -> None:
    seen = Seen({"go.mod": "module x\n"}, ALL, "sandbox", CloneFacts(subjects=subjects))
    assert f"\n    - {line}" in seen.text
    (told,) = seen.lines("commits")
    # what is not written is said in the words that could be
    assert ("with: {style: plain}" in told) is (subjects == ("Initial commit",))
    entries = {entry.name: entry for entry in plan_of(seen.text).entries}
    assert entries["commit"].params.style == ("plain" if "plain" in line else "conventional")
