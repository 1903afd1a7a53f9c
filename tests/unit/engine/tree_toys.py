"""Toys that settle trees and measure them, and a working tree in which a run of theirs is
shipped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from devflow.config.pipeline import parse
from devflow.engine.attempt import Attempts
from devflow.engine.dry_run import DryRun
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan, build
from devflow.engine.proxies import reading
from devflow.engine.runner import Runner
from devflow.engine.standing import Situation
from devflow.model.checks import Check
from devflow.model.outcomes import Foreseen
from devflow.model.tree import FixesCommit, FixesTree, Nowhere, Tree
from devflow.model.values import Fact, Value
from devflow.ports.shell import Command, Ran
from devflow.step import See, Step, Tools, Turn
from devflow.steps.shell import STEP as SHELL
from devflow.testing import MemoryHost, MemoryRepository
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
        self.missing = ""

    def found(self, program: str) -> str:
        return "" if program == self.missing else program

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
        self.host = MemoryHost(self.repository)
        self.shell = CountingShell()
        self.plan = plan_of(entries)
        self.clock = World(folder / "world.json")
        self.journal = FileJournal(folder / "journal.jsonl")

    @property
    def tools(self) -> Tools:
        missing = cast(Any, None)
        given = {
            "repository": self.repository,
            "host": self.host,
            "shell": self.shell,
            "clock": self.clock,
        }
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
