"""A step is bound to the tree that it read: by the plan, by the one rule that says what is done,
and by what `make` may measure."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from devflow.config.pipeline import parse
from devflow.engine.attempt import Attempts
from devflow.engine.binding import bound
from devflow.engine.dry_run import DryRun
from devflow.engine.fold import Memory
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan, build
from devflow.engine.proxies import reading
from devflow.engine.runner import Runner
from devflow.engine.standing import Situation
from devflow.model.checks import Check
from devflow.model.errors import PipelineInvalid, StepFailed
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.project import Project
from devflow.model.tree import NOWHERE, Base, FixesCommit, FixesTree, Nowhere, Tree
from devflow.model.values import Fact, Value
from devflow.ports.shell import Command, Ran
from devflow.step import See, Step, Tools, Turn
from devflow.steps import REGISTRY
from devflow.steps.shell import STEP as SHELL
from tests.standins.repository import MemoryRepository
from tests.standins.toy_world import RUN, FileJournal, NoNeeds, NoParams, World

ID = "a" * 40
OTHER = "b" * 40
FILE = "app.py"


class Settled(FixesTree):
    """What the toy's coding makes."""

    tree: str
    base: Fact[str] = ""

    @property
    def settled(self) -> Tree:
        return Tree(id=self.tree, read_from="the working tree")


class Published(FixesCommit):
    """What the toy's push makes."""

    tree: str

    @property
    def settled(self) -> Tree:
        return Tree(id=self.tree, commit=self.tree, read_from="the remote")


class Measured(Value):
    """What a toy measured."""

    tree: str


@dataclass(frozen=True)
class NeedsTree:
    tree: Tree


@dataclass(frozen=True)
class NeedsWork:
    work: Settled


def look_work(see: See, turn: Turn, params: NoParams, needs: NoNeeds) -> Settled:
    return Settled(tree=see.repository.work_tree())


def make_work(tools: Tools, turn: Turn, params: NoParams, needs: NoNeeds) -> Settled:
    return Settled(tree=tools.repository.work_tree())


def make_publication(tools: Tools, turn: Turn, params: NoParams, needs: NeedsWork) -> Published:
    return Published(tree=needs.work.tree)


def measure(tools: Tools, turn: Turn, params: NoParams, needs: NeedsTree) -> Measured:
    tools.shell.measure(Command(("true",), tree=needs.tree))
    return Measured(tree=needs.tree.id)


def passes(params: Any, product: Any) -> tuple[Check, ...]:
    return (Check(label="there", ok=True, measured=str(product)),)


def toy(name: str, makes: type[Value], make: Any, needs: type[Any] = NoNeeds, **more: Any) -> Any:
    return Step(
        name=name,
        title=name,
        params=NoParams,
        needs=needs,
        makes=makes,
        make=make,
        judge=passes,
        foresee=lambda params, needs: Foreseen(),
        **more,
    )


STEPS = {
    "work": toy("work", Settled, make_work, look=look_work),
    "publish": toy("publish", Published, make_publication, NeedsWork),
    "measure": toy("measure", Measured, measure, NeedsTree),
    "shell": SHELL,
}


class CountingShell:
    """Every command ends with 0 but ``failing``; ``trees`` are what was measured."""

    def __init__(self) -> None:
        self.trees: list[str] = []
        self.ran: list[str] = []
        self.failing = ""

    def found(self, program: str) -> str:
        return program

    def measure(self, command: Command, line: Any = None) -> Ran:
        self.trees.append("" if isinstance(command.tree, Nowhere) else command.tree.id)
        self.ran.append(" ".join(command.argv))
        return Ran(int(command.argv[0] == self.failing), "", 0.1)

    def act(self, name: str, command: Command) -> None:
        self.ran.append(" ".join(command.argv))


class Here:
    """A working tree, and a run of a pipeline on it."""

    def __init__(self, folder: Path, entries: str) -> None:
        self.repository = MemoryRepository({FILE: "1\n"})
        self.shell = CountingShell()
        self.plan = plan_of(entries)
        self.clock = World(folder / "world.json")
        self.journal = FileJournal(folder / "journal.jsonl")

    @property
    def tools(self) -> Tools:
        missing = cast(Any, None)
        given = {"repository": self.repository, "shell": self.shell, "clock": self.clock}
        return Tools(**{name: given.get(name, missing) for name in Tools.__annotations__})

    def ship(self) -> int:
        ledger = Ledger(self.plan, RUN, self.journal, cast(Any, self.clock))
        return Runner(self.plan, self.tools, ledger).run().exit_code

    def planned(self) -> dict[str, str]:
        ledger = Ledger(self.plan, RUN, self.journal, cast(Any, self.clock))
        run = DryRun(self.plan, reading(self.tools), ledger.state, RUN)
        return {one.entry.name: one.state for one in run.foresee()}

    def situation(self, name: str) -> Situation:
        ledger = Ledger(self.plan, RUN, self.journal, cast(Any, self.clock))
        return Attempts(self.tools, ledger).situation(self.plan.by_name[name])

    def edit(self, text: str) -> None:
        self.repository.work[FILE] = text


def plan_of(entries: str) -> Plan:
    return build(parse("pipeline.yaml", f"devflow: 1\nphases:\n  all: {entries}\n"), STEPS)


def source_of(plan: Plan, name: str) -> str:
    need = plan.by_name[name].tree
    assert need is not None
    return need.entry


def test_a_tree_is_what_the_nearest_earlier_entry_settled() -> None:
    plan = plan_of("[{early: {uses: measure}}, work, measure, publish, {late: {uses: measure}}]")
    sources = [source_of(plan, name) for name in ("early", "measure", "late")]
    assert sources == ["", "work", "publish"]


def test_another_entry_can_be_picked_and_must_settle_a_tree() -> None:
    plan = plan_of("[work, publish, {late: {uses: measure, needs: {tree: work}}}]")
    assert source_of(plan, "late") == "work"
    with pytest.raises(PipelineInvalid, match='"measure" makes Measured'):
        plan_of("[work, measure, {late: {uses: measure, needs: {tree: measure}}}]")


def test_what_changes_the_world_is_bound_to_a_pushed_commit_only() -> None:
    told = "{told: {uses: shell, with: {run: mail, changes: true}}}"
    assert source_of(plan_of(f"[work, {told}]"), "told") == ""
    assert source_of(plan_of(f"[work, publish, {told}]"), "told") == "publish"
    picked = "{told: {uses: shell, needs: {tree: work}, with: {run: mail, changes: true}}}"
    with pytest.raises(PipelineInvalid, match="needs FixesCommit"):
        plan_of(f"[work, {picked}]")


def test_an_entry_is_made_again_when_the_tree_is_another_and_only_then(tmp_path: Path) -> None:
    here = Here(tmp_path, "[work, measure, {test: {uses: shell, with: {run: pytest}}}]")
    first = here.repository.work_tree()
    assert (here.ship(), here.ship(), here.shell.trees) == (0, 0, [first, first])
    here.edit("2\n")
    second = here.repository.work_tree()
    assert (here.ship(), here.ship()) == (0, 0)
    assert here.shell.trees == [first, first, second, second]


def test_without_an_entry_that_settles_one_it_is_the_working_tree_at_that_moment(
    tmp_path: Path,
) -> None:
    here = Here(tmp_path, "[measure]")
    here.ship()
    here.edit("2\n")
    here.ship()
    here.ship()
    assert len(here.shell.trees) == len(set(here.shell.trees)) == 2


def test_a_world_is_changed_once_and_again_only_for_another_pushed_commit(tmp_path: Path) -> None:
    told = "{told: {uses: shell, with: {run: mail, changes: true}}}"
    alone = Here(tmp_path, f"[work, {told}]")
    for text in ("1\n", "2\n", "3\n"):
        alone.edit(text)
        assert alone.ship() == 0
    assert alone.shell.ran == ["mail"]
    (tmp_path / "pushed").mkdir()
    pushed = Here(tmp_path / "pushed", f"[work, publish, {told}]")
    for text in ("1\n", "1\n", "2\n"):
        pushed.edit(text)
        assert pushed.ship() == 0
    assert pushed.shell.ran == ["mail", "mail"]


SHARING = (
    "[work, {install: {uses: shell, with: {run: npm ci, in: js}}},"
    " {test: {uses: shell, with: {run: node, in: js}}}]"
)


def test_what_a_shared_checkout_needs_is_made_again_with_whoever_works_in_it(
    tmp_path: Path,
) -> None:
    here = Here(tmp_path, SHARING)
    here.shell.failing = "node"
    assert here.ship() == 1
    assert here.planned() == {"work": "stands", "install": "to do", "test": "to do"}
    here.shell.failing = ""
    assert (here.ship(), here.ship()) == (0, 0)
    assert here.shell.ran == ["npm ci", "node", "npm ci", "node"]


def test_another_installation_is_tested_again(tmp_path: Path) -> None:
    here = Here(tmp_path, SHARING)
    here.ship()
    here.plan = plan_of(SHARING.replace("npm ci", "npm install"))
    here.ship()
    assert here.shell.ran == ["npm ci", "node", "npm install", "node"]


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (SHARING.replace("}}},", "}}}, publish,"), "on another tree"),
        (SHARING.replace("[work, ", "[work, {parallel: [").replace("}]", "}]}]"), "same time"),
    ],
)
def test_who_cannot_share_a_checkout_is_told_before_anything_runs(
    entries: str, reason: str
) -> None:
    with pytest.raises(PipelineInvalid, match=reason):
        plan_of(entries)


def test_a_dry_run_says_what_an_edit_undoes(tmp_path: Path) -> None:
    here = Here(tmp_path, "[work, measure, publish, {late: {uses: measure}}]")
    here.ship()
    assert set(here.planned().values()) == {"stands"}
    here.edit("2\n")
    planned = here.planned()
    assert planned == {"work": "stands", "measure": "to do", "publish": "to do", "late": "to do"}


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


def test_make_reads_no_files_by_a_name_that_moves() -> None:
    tools = tools_at({"tree": Tree(id=ID)})
    tree = tools.repository.work_tree()
    assert tools.repository.read(tree, FILE) == "1\n"
    for rev in ("main", "HEAD", ""):
        with pytest.raises(StepFailed, match="may be others"):
            tools.repository.read(rev, FILE)
        with pytest.raises(StepFailed, match="may be others"):
            tools.repository.changes(tree, rev)


WITH_TREE = [step for step in REGISTRY if "tree" in step.needs.__annotations__]
WITHOUT = [step for step in REGISTRY if step not in WITH_TREE]


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
    return {step.name: step for step in REGISTRY}


def params_of(step: Any) -> Value:
    given = {"shell": {"run": "true"}, "suite": {"suite": "backend"}}
    params: Value = step.params(**given.get(step.name, {}))
    return params
