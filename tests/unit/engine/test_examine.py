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
    told = {"shell": {"run": "true"}, "suite": {"suite": "backend"}, "checks": {"names": ["x"]}}
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
