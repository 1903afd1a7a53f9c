"""A pushed commit of a small project, for the steps that measure it with real tools."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devflow.craft.quality.linters import LINTERS
from devflow.model.change import Coding, FileChange, Push
from devflow.model.ci import Trigger
from devflow.model.declared.project import Project, Suite
from devflow.model.planning import Criterion, Ticket
from devflow.step import AnyStep
from devflow.testing import MemoryClock, Played, World
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


class MeasuredWorld(World):
    """``suites`` are those of the project; the shell may be replaced by a spoiled one."""

    def __init__(
        self, files: dict[str, str], first: Path | None = None, timeout_s: float = 60.0
    ) -> None:
        super().__init__(files)
        self.shell = RealShell(self.repository, first)
        self.clock = MemoryClock(NOW)
        self.sha = self.repository.sha_of("main")
        suite = Suite(path="tests/backend", coverage_of="services", timeout_s=timeout_s)
        self.project = Project(suites={"backend": suite})
        self.changed: tuple[str, ...] = ()
        # the changed tests that name each criterion
        self.named_in: dict[str, tuple[str, ...]] = {}
        # a person wants it measured, whatever is known
        self.again = False
        # the commit that this one is compared with
        self.base = self.sha

    def measure(self, step: AnyStep, **params: Any) -> Played[Any]:
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
        return self.make(step, needs, values, replace(self.turn(step), again=self.again))

    def coding(self) -> Coding:
        """The pushed commit's tree, in which ``changed`` are the paths of this ticket."""
        files = tuple(FileChange(path=path, added=1, removed=0) for path in self.changed)
        tree = self.repository.tree_of(self.sha)
        return Coding(tree=tree, files=files, base=self.base, named_in=self.named_in)

    def state(self, context: str) -> str:
        return self.host.statuses[(self.sha, context)].state


def liars(folder: Path) -> Path:
    """A folder in which every tool ends with 0 and has done nothing."""
    folder.mkdir()
    for name in ("python", "python3", *LINTERS):
        folder.joinpath(name).symlink_to("/bin/true")
    return folder
