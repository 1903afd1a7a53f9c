"""A pushed commit of a small project, for the steps that measure it with real tools."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from devflow.craft.quality.linters import LINTERS
from devflow.model.change import Coding, FileChange, Push
from devflow.model.checks import Check, Status, judged
from devflow.model.ci import Trigger
from devflow.model.declared.project import Project, Suite
from devflow.model.planning import Criterion, Ticket
from devflow.step import AnyStep, Tools, Turn
from devflow.testing import MemoryHost, MemoryRepository
from tests.standins.shell import RealShell

APP = "def double(number):\n    return number * 2\n"
GREEN = """import pytest
from services.app import double


def test_double(record_property):
    record_property("ac", "AC-1")
    record_property("error_eur", 12)
    assert double(2) == 4


def test_in_a_browser():
    pytest.skip("no browser on PATH")
"""
RED = GREEN.replace("== 4", "== 5")
FILES = {"services/__init__.py": "", "services/app.py": APP, "tests/backend/test_app.py": GREEN}
NOW = datetime(2026, 11, 29, 4, 12, tzinfo=UTC)
TICKET = Ticket(
    key="SCRUM-95",
    summary="Tabs",
    type="Story",
    criteria=(Criterion(id="AC-1", text="It doubles"), Criterion(id="AC-2", text="No JavaScript")),
)


@dataclass
class Measured:
    """What a step made of the world, and how it was judged."""

    product: Any
    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        return judged(self.checks)

    def line(self, id_: str, about: str = "") -> Check:
        """The one check that a program selects by both."""
        found = [check for check in self.checks if (check.id, check.about) == (id_, about)]
        assert len(found) == 1, [(check.id, check.about) for check in self.checks]
        return found[0]


class MeasuredWorld:
    """``suites`` are those of the project; the shell may be replaced by a spoiled one."""

    def __init__(
        self, files: dict[str, str], first: Path | None = None, timeout_s: float = 60.0
    ) -> None:
        self.repository = MemoryRepository(files)
        self.shell = RealShell(self.repository, first)
        self.host = MemoryHost(self.repository)
        self.sha = self.repository.sha_of("main")
        suite = Suite(path="tests/backend", coverage_of="services", timeout_s=timeout_s)
        self.project = Project(suites={"backend": suite})
        self.said: list[tuple[Any, ...]] = []
        self.events: dict[str, list[Any]] = {}
        self.changed: tuple[str, ...] = ()
        # a person wants it measured, whatever is known
        self.again = False
        # the commit that this one is compared with
        self.base = self.sha

    @property
    def tools(self) -> Tools:
        nobody = cast(Any, None)
        history = SimpleNamespace(
            runs=lambda: tuple(self.events), events=lambda run: self.events.get(run, [])
        )
        parts = {
            "host": self.host,
            "repository": self.repository,
            "shell": self.shell,
            "clock": SimpleNamespace(now=lambda: NOW),
            "history": history,
        }
        return Tools(**{name: parts.get(name, nobody) for name in Tools.__annotations__})

    def measure(self, step: AnyStep, **params: Any) -> Measured:
        push = Push(branch="b", sha=self.sha, tree=self.repository.tree_of(self.sha))
        known: dict[str, Any] = {
            "tree": push.settled,
            "coding": self.coding(),
            "push": push,
            "trigger": Trigger(sha=self.sha, event="pull_request", action="opened"),
            "ticket": TICKET,
            "project": self.project.only(step.project_parts),
        }
        values = step.params(**params)
        needs = step.needs(**{name: known[name] for name in step.needs.__dataclass_fields__})
        said = self.said
        turn = Turn("SCRUM-95", step.name, say=lambda *what: said.append(what), again=self.again)
        product = step.make(self.tools, turn, values, needs)
        checks = step.judge(values, product)
        if step.evidence:
            selected = [(check.id, check.about) for check in checks]
            assert len(set(selected)) == len(selected), "both select one check"
            assert {check.id for check in checks} <= step.evidence.keys()
        return Measured(product, checks)

    def coding(self) -> Coding:
        """The pushed commit's tree, in which ``changed`` are the paths of this ticket."""
        files = tuple(FileChange(path=path, added=1, removed=0) for path in self.changed)
        return Coding(tree=self.repository.tree_of(self.sha), files=files, base=self.base)

    def state(self, context: str) -> str:
        return self.host.statuses[(self.sha, context)].state


def liars(folder: Path) -> Path:
    """A folder in which every tool ends with 0 and has done nothing."""
    folder.mkdir()
    for name in ("python", "python3", *LINTERS):
        folder.joinpath(name).symlink_to("/bin/true")
    return folder
