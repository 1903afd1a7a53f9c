"""What every entry needs is asked of the steps, said once, and told with its place in the file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Iterator, Tuple

import pytest
import yaml

from devflow.config.pipeline import parse
from devflow.engine.examine import examined
from devflow.engine.plan import Plan, build
from devflow.model.bounds.references import Refers
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid, Unavailable
from devflow.model.outcomes import Needed, worst
from devflow.model.values import Value
from devflow.ports.around import Around
from devflow.steps import REGISTRY
from devflow.testing import MemoryRepository
from tests.unit.engine.test_names import PROJECT, case_id
from tests.unit.steps.test_bounds import KEY, LEAVES, MODELS, Leaf, document

NOWHERE: Final = "nowhere/at-all"
PATHS: Final = [case for case in LEAVES if Refers("path") in case[1].marks]


class Nothing:
    """A port of which nothing is there."""

    def __getattr__(self, name: str) -> Any:
        raise Unavailable(f"no {name} here", hint="get one")


def around(*paths: str) -> Around:
    repository = MemoryRepository({path: "" for path in paths})
    nothing: Any = Nothing()
    return Around(nothing, repository, nothing, nothing, nothing, Project(), paths)


@dataclass(frozen=True)
class NoNeeds:
    """Of a step that stands alone."""


ALONE: Final = {
    name: replace(step, needs=NoNeeds, sends_back_to="") for name, step in REGISTRY.items()
}


def planned(table: Any) -> Tuple[Plan, str]:
    text = yaml.dump(table, Dumper=yaml.CSafeDumper, sort_keys=False)
    return build(parse("pipeline.yaml", text), ALONE), text


def without_examining(plan: Plan) -> Plan:
    groups = []
    for group in plan.groups:
        bare = (replace(one, step=replace(one.step, examine=None)) for one in group)
        groups.append(tuple(bare))
    return replace(plan, groups=tuple(groups))


@pytest.mark.parametrize("case", PATHS, ids=case_id)
def test_a_path_that_is_nowhere_is_told_at_its_line(case: Tuple[str, Leaf]) -> None:
    name, leaf = case
    told = whole(document(MODELS[name], leaf, NOWHERE))
    table: Any = {"devflow": 1, "project": PROJECT, "phases": {"all": [{name: {"with": told}}]}}
    if name == "project":
        table = {"devflow": 1, "project": told, "phases": {"all": ["sprint_planning"]}}
    plan, text = planned(table)
    found = next(one for one in _missing(plan) if NOWHERE in one.found)
    line, column = map(int, found.where.split(":")[1:])
    row = text.splitlines()[line - 1]
    assert NOWHERE in row or NOWHERE in text.splitlines()[line]
    assert column > 1
    assert found.exit_code == 5 and not found.stops


def whole(told: Any) -> Any:
    """With the command that a suite or a linter has to have beside its folder."""
    for key in ("suites", "linters"):
        one = told.get(key, {}).get(KEY)
        if one is not None and "path" not in one:
            one["run"] = "true"
    return told


def _missing(plan: Plan) -> Iterator[Needed]:
    for one in examined(without_examining(plan), around("README.md")):
        if one.here is False:
            yield one


class Params(Value):
    depth: int = 0


def _examine(around: Around, params: Params) -> Iterator[Needed]:
    yield Needed(about="compass", here=False, found="none", at=("depth",))
    yield Needed(about="map", here=True, found="of paper")


def toy(examine: Any) -> Plan:
    text = (
        "devflow: 1\nphases:\n  all:\n    - one: {uses: shell, with: {run: x}}\n"
        "    - two: {uses: shell, required: false, with: {run: x}}\n"
    )
    plan = build(parse("pipeline.yaml", text), REGISTRY)
    groups = []
    for group in plan.groups:
        changed = (replace(one, step=replace(one.step, examine=examine)) for one in group)
        groups.append(tuple(changed))
    return replace(plan, groups=tuple(groups))


def test_what_is_missing_is_told_at_each_place_and_what_is_here_once() -> None:
    found = examined(toy(_examine), around())
    assert [one.about for one in found] == ["compass", "map", "compass"]
    assert found[1].entries == ("one", "two")
    assert found[0].where.startswith("pipeline.yaml:4:")
    assert found[0].required and not found[2].required

    def of_project(around: Around, params: Any) -> Iterator[Needed]:
        yield Needed(about="base", here=False, found="none", at=("project", "base"))

    (one,) = examined(toy(of_project), around())
    assert one.entries == ("one", "two")
    assert one.required


def test_a_step_that_raises_is_told_and_stops_nothing() -> None:
    def missing(around: Around, params: Any) -> Iterator[Needed]:
        raise Unavailable("no engine", hint="start one")
        yield

    def broken(around: Around, params: Any) -> Iterator[Needed]:
        raise RuntimeError("boom")
        yield

    first = examined(toy(missing), around())[0]
    assert (first.here, first.found, first.remedy) == (False, "no engine", "start one")
    other = examined(toy(broken), around())[0]
    assert other.here is None
    assert "boom" in other.found


def needed(**told: Any) -> Needed:
    return Needed(about="it", found="", **{"here": False, **told})


def test_the_smallest_code_counts_and_what_need_not_pass_has_none() -> None:
    machine = needed()
    credential = needed(cure="credential")
    pipeline = needed(cure="pipeline", required=False)
    beside = needed(required=False)
    assert worst(()) == worst([beside, needed(here=True), needed(here=None)]) == 0
    assert worst([beside, machine]) == 5
    assert worst([machine, credential]) == 4
    assert worst([machine, credential, pipeline]) == 3
    assert [one.stops for one in (machine, credential, pipeline, beside)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("step", sorted(REGISTRY))
def test_every_step_of_ours_says_what_it_needs_without_a_failure(step: str) -> None:
    examine = REGISTRY[step].examine
    if examine is None:
        return
    plan, _ = planned({"devflow": 1, "project": PROJECT, "phases": {"all": [_least(step)]}})
    for one in examined(plan, around("README.md", "tests/test_a.py", "src/app.py")):
        assert one.about
        assert one.found
        assert one.here is not False or one.remedy or "no " in one.found


def _least(step: str) -> Any:
    told: Any = {
        "shell": {"run": "true"},
        "suite": {"suite": "backend"},
        "checks": {"names": ["x"]},
        "production": {"approvals": {"devops": 0, "product_owner": 0, "security": 0}},
    }
    return {step: {"with": told.get(step, {})}}


def test_the_example_of_the_documentation_says_what_it_needs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, "docs/doctor.md", "exec"), names)
    step = replace(ALONE["shell"], params=names["Params"], examine=names["examine"], refuse=None)
    text = (
        "devflow: 1\nphases: {all: [make: {with: {suite: unti}}]}\n"
        "project: {suites: {unit: {path: t}}}\n"
    )
    with pytest.raises(PipelineInvalid, match='no suite "unti", did you mean "unit"'):
        build(parse("pipeline.yaml", text), {"make": bare(step)})
    plan = build(parse("pipeline.yaml", text.replace("unti", "unit")), {"make": bare(step)})
    (one,) = examined(plan, replace(around("t/a.py"), shell=NoMake()))
    assert (one.here, one.remedy) == (False, "apt-get install make")


def bare(step: Any) -> Any:
    """The step without what only its own parameters have."""
    return replace(step, shares=None, as_pushed=None, changes_world=None)


class NoMake(Nothing):
    def found(self, program: str) -> str:
        return ""


SERVICES: Final = {"api": {"path": "api", "port": 5002, "run": ["python", "api.py"]}}
PIPELINE: Final = {
    "plan": ["ticket", "branch", "coding", "local_tests", "commit", "push", "pull_request"],
    "ci": ["trigger", "quality"],
    "build": ["images", "publish"],
    "deploy": ["development"],
    "operate": ["monitoring", "analytics"],
}


def shipped(phases: Any = PIPELINE, **project: Any) -> Plan:
    """A whole pipeline, of the steps as they are wired."""
    table = {"devflow": 1, "project": project, "phases": phases}
    text = yaml.dump(table, Dumper=yaml.CSafeDumper, sort_keys=False)
    return build(parse("pipeline.yaml", text), REGISTRY)


def test_a_pipeline_that_runs_no_test_is_told_so_where_nobody_else_could_run_one() -> None:
    ticket: Any = {"planning": ["ticket"]}
    (one,) = examined(shipped(ticket), around())
    assert (one.about, one.here, one.exit_code) == ("tests", None, 0)
    assert "no entry runs a test" in one.found and "- local_tests" in one.remedy
    command = {"all": ["ticket", {"check": {"uses": "shell", "with": {"run": "true"}}}]}
    every_suite = {"all": ["ticket", "branch", "coding", "local_tests"]}
    named = {"unit": {"run": "true"}}
    others = (shipped(command), shipped(every_suite), shipped(ticket, suites=named))
    found = [one.about for plan in others for one in examined(plan, around())]
    assert "tests" not in found


def in_vain(plan: Plan, there: Around) -> dict[str, Needed]:
    """What is missing, by the entry that it would end."""
    missing = [one for one in examined(plan, there) if one.here is False]
    return {name: one for one in missing for name in one.entries}


def test_what_the_file_alone_shows_to_end_the_run_is_told_before_it_begins() -> None:
    found = in_vain(shipped(services=SERVICES), around("api/api.py"))
    texts = {name: one.found for name, one in found.items()}
    assert texts == {
        "local_tests": "the project names none",
        "quality": "the project configures none of black, flake8, ruff, ruff-format",
        "monitoring": "project.services.api.metrics names no path",
        "analytics": "the service that keeps an event log and the log's path are not named",
    }
    for one in found.values():
        assert (one.exit_code, bool(one.remedy)) == (5, True)
        assert one.where.startswith("pipeline.yaml:")


def test_images_that_can_be_published_nowhere_are_told() -> None:
    api = {**SERVICES["api"], "image": {}}
    plan = shipped({"all": PIPELINE["plan"] + PIPELINE["build"]}, services={"api": api})
    there = around("api/api.py", "Dockerfile")
    assert "publish" not in in_vain(plan, there)
    assert in_vain(plan, replace(there, has_registry=False))["publish"].exit_code == 5


def test_nothing_of_services_is_asked_of_a_project_that_has_none() -> None:
    suites = {"unit": {"run": "true"}}
    found = in_vain(shipped(suites=suites), around("ruff.toml"))
    assert not found.keys() & {"monitoring", "analytics", "development", "publish"}


def test_nothing_is_asked_of_what_no_entry_deploys() -> None:
    phases = {**PIPELINE, "deploy": []}
    found = in_vain(shipped(phases, services=SERVICES), around("ruff.toml"))
    assert not found.keys() & {"monitoring", "analytics"}
