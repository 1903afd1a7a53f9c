"""A name of pipeline.yaml that leads nowhere is told when the plan is made, with line and column:
the cases are made from the types of every step's parameters."""

from typing import Any, Final, List, Tuple

import pytest
import yaml

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.bounds.references import TABLES, Refers, references
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY
from tests.unit.steps.test_bounds import LEAVES, Leaf, document

PROJECT: Final = {
    "services": {"api": {"path": "src", "port": 5002}},
    "suites": {name: {"path": "tests"} for name in ("backend", "frontend", "integration")},
}


def target_of(leaf: Leaf) -> str:
    return next((mark.to for mark in leaf.marks if isinstance(mark, Refers)), "")


NAMING: Final = [case for case in LEAVES if target_of(case[1]) in TABLES]


def pipeline(step: str, params: Any) -> str:
    entry = {step: {"with": params}}
    table = {"devflow": 1, "project": PROJECT, "phases": {"all": [entry]}}
    return yaml.dump(table, Dumper=yaml.CSafeDumper, sort_keys=False)


def case_id(case: Tuple[str, Leaf]) -> str:
    return ".".join([case[0], *map(str, case[1].at)])


def refusal(step: str, params: Any) -> PipelineInvalid:
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", pipeline(step, params)), REGISTRY)
    return raised.value


@pytest.mark.parametrize("case", NAMING, ids=case_id)
def test_a_name_that_is_nowhere_is_told_at_its_line(case: Tuple[str, Leaf]) -> None:
    step, leaf = case
    params = document(REGISTRY[step].params, leaf, "nowhere")
    if (step, leaf.at) == ("production", ("canary", "requests")):
        params = {"canary": {"requests": {"nowhere": ["/"]}}}
    error = refusal(step, params)
    lines = pipeline(step, params).splitlines()
    line, column = map(int, error.where.split()[0].split(":")[1:])
    noun = {"suites": "suite", "services": "service"}[target_of(leaf)]
    assert error.message == f'there is no {noun} "nowhere"'
    # a value is told at its key
    wanted = "nowhere:" if leaf.is_key else f"{leaf.at[-1]}: nowhere"
    assert lines[line - 1][column - 1 :].startswith(wanted)
    assert error.hint.startswith(f"{target_of(leaf)} under project: ")


def test_every_step_that_names_one_is_among_the_cases() -> None:
    named = {step for step, _ in NAMING}
    suites = {"suite", "backend_tests", "frontend_tests", "integration"}
    services = {"pull_request", "smoke", "production", "monitoring", "analytics"}
    assert named == suites | services


def test_the_nearest_name_is_offered() -> None:
    error = refusal("backend_tests", {"suite": "bakcend"})
    assert error.message == 'there is no suite "bakcend", did you mean "backend"?'


def test_a_name_that_nobody_wrote_is_told_at_its_entry() -> None:
    text = "devflow: 1\nproject: {}\nphases:\n  ci:\n  - backend_tests\n"
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", text), REGISTRY)
    assert raised.value.where.startswith("pipeline.yaml:5:")
    assert raised.value.hint == "suites under project: none"


def test_what_a_project_names_has_the_way_to_it() -> None:
    project = Project.model_validate(
        {
            "version_path": "src",
            "services": {
                "api": {"path": "src/api", "port": 1, "openapi": "api.yaml", "image": {}},
                "web": {"path": "src/web", "port": 2, "openapi": ["python", "-m", "web"]},
            },
            "suites": {"unit": {"path": "tests"}, "js": {"run": "npm t", "junit": "report.xml"}},
        }
    )
    found: List[Tuple[Any, ...]] = [(*one.at, one.name) for one in references(project)]
    assert found == [
        ("version_path", "src"),
        ("services", "api", "path", "src/api"),
        ("services", "api", "openapi", "api.yaml"),
        ("services", "api", "image", "context", "."),
        ("services", "web", "path", "src/web"),
        ("suites", "unit", "path", "tests"),
    ]


def test_a_linter_that_the_matrix_never_runs_is_refused() -> None:
    error = refusal("quality", {"pythons": ["3.11"], "tools": ["black==25.9.0", "ruff==0.6.0"]})
    assert "ruff would never run" in error.message
    assert "linters: [ruff]" in error.hint
    assert "tools" in error.where


DEPLOYED: Final = """\
devflow: 1
project:
  services: {api: {path: src, port: 5002}}
  environments:
    %s: {replicas: 2}
phases:
  all: [ticket, branch, coding, commit, push, development]
"""


def test_an_environment_that_no_entry_brings_is_refused_at_its_line() -> None:
    with pytest.raises(PipelineInvalid) as raised:
        build(parse("pipeline.yaml", DEPLOYED % "developmnt"), REGISTRY)
    error = raised.value
    problem = 'no entry brings anything to an environment "developmnt"'
    assert error.message == f'{problem}, did you mean "development"?'
    assert error.place == "pipeline.yaml:5:5"
    assert error.hint == "environments of the entries: development"
    build(parse("pipeline.yaml", DEPLOYED % "development"), REGISTRY)


def test_environments_say_nothing_where_nothing_is_deployed() -> None:
    text = (DEPLOYED % "production").replace(", development]", "]")
    build(parse("pipeline.yaml", text), REGISTRY)
