"""In `make` a step measures the tree that it is bound to, and nothing else; and every step that
declares one is made from it."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from devflow.config.pipeline import parse
from devflow.engine.binding import bound
from devflow.engine.fold import Memory
from devflow.engine.plan import build
from devflow.engine.standing import Situation
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent
from devflow.model.tree import NOWHERE, Base, Tree
from devflow.model.values import Value
from devflow.ports.shell import Command
from devflow.step import Tools
from devflow.steps import REGISTRY
from devflow.testing import MemoryRepository
from tests.unit.engine.tree_toys import (
    FILE,
    ID,
    OTHER,
    STEPS,
    CountingShell,
    Published,
    Settled,
    plan_of,
)


def tools_at(needs: dict[str, Any], step: Any = STEPS["measure"]) -> Tools:
    """The world of an attempt whose entry has these needs."""
    entry = replace(plan_of("[work, measure]").by_name["measure"], step=step)
    if step is not STEPS["measure"]:
        entry = replace(entry, needs=())
    repository = MemoryRepository({FILE: "1\n"})
    shell = CountingShell()
    missing = cast(Any, None)
    given = {"repository": repository, "shell": shell}
    tools = Tools(**{name: given.get(name, missing) for name in Tools.__annotations__})
    return bound(tools, Situation(entry, Memory(), needs))


def test_make_measures_its_tree_and_what_its_needs_name_and_nothing_else() -> None:
    needs = {"tree": Tree(id=ID), "work": Settled(tree=ID, base=OTHER)}
    tools = tools_at(needs)
    tools.shell.measure(Command(("true",), tree=Tree(id=ID)))
    tools.shell.measure(Command(("true",), tree=Base(OTHER)))
    tools.shell.measure(Command(("true",)))
    for tree in (Tree(id=OTHER), Tree(id="c" * 40), Base("c" * 40), Tree(id=""), Tree(id="main")):
        with pytest.raises(StepFailed, match="which is not in its needs"):
            tools.shell.measure(Command(("true",), tree=tree))


def test_a_step_that_has_not_said_so_changes_no_world() -> None:
    with pytest.raises(StepFailed, match="would change the world"):
        tools_at({"tree": Tree(id=ID)}).shell.act("notify", Command(("mail",)))


def test_revisions_may_be_named() -> None:
    tools = tools_at({"tree": Tree(id=ID)})
    tree = tools.repository.work_tree()
    assert tools.repository.read(rev=tree, path=FILE) == "1\n"
    with pytest.raises(StepFailed, match="may be others"):
        tools.repository.changes(base=tree, tree="main")


def test_make_reads_no_files_by_a_name_that_moves() -> None:
    tools = tools_at({"tree": Tree(id=ID)})
    tree = tools.repository.work_tree()
    assert tools.repository.read(tree, FILE) == "1\n"
    for rev in ("main", "HEAD", ""):
        with pytest.raises(StepFailed, match="may be others"):
            tools.repository.read(rev, FILE)
        with pytest.raises(StepFailed, match="may be others"):
            tools.repository.changes(tree, rev)


WITH_TREE = [step for step in REGISTRY.values() if "tree" in step.needs.__annotations__]
WITHOUT = [step for step in REGISTRY.values() if step not in WITH_TREE]


@pytest.mark.parametrize("step", WITH_TREE, ids=[step.name for step in WITH_TREE])
def test_every_step_that_declares_a_tree_is_made_from_it(step: Any) -> None:
    """Whatever else it needs: another tree is another fingerprint."""
    plan = build(parse("pipeline.yaml", Path("pipeline.yaml").read_text()), registry())
    entry = next((one for one in plan.entries if one.step is step), None)
    if entry is None:
        entry = replace(plan.by_name["local_tests"], step=step, params=params_of(step))
    assert entry.tree is not None
    absent = Absent(kind="skipped", why="")
    others = {need.field: absent for need in entry.needs if not need.settled and not need.collects}
    made = [
        Situation(entry, Memory(), {**others, "tree": Tree(id=tree, read_from=place)}).fingerprint
        for tree, place in ((ID, "here"), (ID, "the remote"), (OTHER, "here"))
    ]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("step", WITHOUT, ids=[step.name for step in WITHOUT])
def test_a_step_that_declares_none_measures_no_files(step: Any) -> None:
    tools = tools_at({"push": Published(tree=ID), "project": Project()}, step)
    with pytest.raises(StepFailed, match="declares no tree"):
        tools.shell.measure(Command(("true",), tree=Tree(id=ID)))
    assert tools.shell.measure(Command(("true",), tree=NOWHERE)).exit_code == 0


def registry() -> dict[str, Any]:
    return dict(REGISTRY)


def params_of(step: Any) -> Value:
    given = {"shell": {"run": "true"}, "suite": {"suite": "backend"}}
    params: Value = step.params(**given.get(step.name, {}))
    return params
