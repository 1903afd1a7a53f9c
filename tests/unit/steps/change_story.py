"""A ticket's change from its branch to the CI trigger, on a repository and a code host in memory.

``turn`` does what the engine does with an entry: look and adopt what passes, else make, and read
back what ``make`` wrote.
"""

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from devflow.engine.stand_in import StandIn
from devflow.model.change import Branch, Case, Coding, Hook, Hooks, LocalTests, Push, SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Project, Service
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Foreseen, SendBack
from devflow.model.planning import Criterion, Design, Document, Requirements, Ticket
from devflow.ports.shell import Command, Program, Ran
from devflow.ports.web import HttpAnswer
from devflow.step import AnyStep, GateAnswer, See, Tools, Turn
from devflow.steps import (
    s06_branch,
    s07_coding,
    s09_pre_commit,
    s10_commit,
    s11_push,
    s12_pull_request,
    s13_code_review,
    s15_trigger,
)
from tests.standins.host import MemoryHost
from tests.standins.repository import MemoryRepository
from tests.standins.shell import HasPython

STEPS = (
    s06_branch,
    s07_coding,
    s09_pre_commit,
    s10_commit,
    s11_push,
    s12_pull_request,
    s13_code_review,
    s15_trigger,
)
NAME = "SCRUM-95-add-tabbed-interface"
CONFIG = ".pre-commit-config.yaml"
HOOKS = "repos: [{repo: local, hooks: [{id: black}]}]\n"
TICKET = Ticket(
    key="SCRUM-95",
    summary="Add tabbed interface",
    type="Story",
    story="As a visitor I want tabs",
    criteria=(Criterion(id="AC-1", text="Three tabs"), Criterion(id="AC-2", text="No JavaScript")),
    url="http://jira.test/browse/SCRUM-95",
)
REQUIREMENTS = Requirements(
    story="",
    technical=(),
    constraints=(),
    criteria=(),
    document=Document(path="docs/requirements/SCRUM-95.md", text="# R\n"),
)
DESIGN = Design(
    approach="",
    technology="",
    files=("app.py", "style.css"),
    plan=(),
    document=Document(path="docs/adr/0001.md", text="# A\n"),
)
PROJECT = Project(base="main", services={"frontend": Service(path="frontend", port=3000)})


class StoryShell(HasPython):
    """Answers one command with what the test says; ``asked`` keeps it."""

    def __init__(
        self, output: str = "black....Passed\n- hook id: black\n", exit_code: int = 0
    ) -> None:
        self.ran = Ran(exit_code, output, 0.1)
        self.asked: list[Command] = []
        self.programs = {"pre-commit": "/bin/pre-commit"}
        self.devflows: set[str] = set()

    def measure(self, command: Command, line: Any = None) -> Ran:
        self.asked.append(command)
        for text in self.ran.output.splitlines():
            line(text)
        return self.ran

    def found(self, program: str) -> str:
        return self.programs.get(program, "")

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        return Program(self.programs.get(name, ""), name in self.devflows)

    def interpreter(self, version: str) -> str:
        return ""


class StoryDeploys:
    """A preview whose page answers ``status``; ``program`` is the browser, ``broken`` why it does
    not start."""

    def __init__(self) -> None:
        self.program = ""
        self.picture = b"PNG"
        self.status = 200
        self.broken = ""
        self.writes: list[str] = []

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        return HttpAnswer(self.status, "", 1.0)

    def prepare(self, name: str, release: Any, *, mark: Any = None) -> None:
        self.writes.append("prepare")

    def scale(self, name: str, version: str, replicas: int) -> None:
        self.writes.append("scale")
        if self.broken:
            raise StepFailed(self.broken)

    def share(self, name: str, shares: Any) -> None:
        self.writes.append("share")

    def down(self, name: str) -> None:
        self.writes.append("down")

    def browser(self) -> str:
        return self.program

    def screenshot(self, url: str, width_px: int, height_px: int) -> bytes | None:
        return self.picture


class StoryClock:
    """Stands still; ``slept_s`` counts what was waited."""

    slept_s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


class Story:
    """``products`` are what entries came to, by name; a missing need is looked up there."""

    def __init__(self, **files: str) -> None:
        at_first = {"app.py": "print(1)\n", CONFIG: HOOKS, **files}
        self.repository = MemoryRepository(at_first)
        self.host = MemoryHost(self.repository)
        self.shell = StoryShell()
        self.deploys = StoryDeploys()
        self.clock = StoryClock()
        self.events: dict[str, list[Any]] = {}
        self.round = 1
        self.sent_back: SendBack | None = None
        self.again = False
        self.products: dict[str, Any] = {
            "ticket": TICKET,
            "requirements": REQUIREMENTS,
            "architecture": DESIGN,
            "project": PROJECT,
            "commands": {},
        }

    @property
    def writes(self) -> list[str]:
        return self.repository.writes + self.host.writes + self.deploys.writes

    def ports(self, kind: type) -> Any:
        history = SimpleNamespace(
            runs=lambda: tuple(self.events), events=lambda run: self.events[run]
        )
        used = {
            "host": self.host,
            "repository": self.repository,
            "shell": self.shell,
            "deploys": self.deploys,
            "web": self.deploys,
            "history": history,
            "clock": self.clock,
        }
        return kind(**{**dict.fromkeys(kind.__annotations__), **used})

    def needs(self, step: AnyStep) -> Any:
        """The step's needs; of the project only the parts that it names can be read."""
        products = {**self.products, "tree": self.tree(step)}
        needs = {name: products[name] for name in step.needs.__annotations__}
        if "project" in needs:
            needs["project"] = needs["project"].only(step.project_parts)
        return step.needs(**needs)

    def tree(self, step: AnyStep) -> Any:
        """What the nearest earlier entry settled."""
        settling = "push" if step.number > s11_push.STEP.number else "coding"
        settled = self.products.get(settling)
        return settled and settled.settled

    def context(self, step: AnyStep) -> Turn:
        return Turn("SCRUM-95", step.name, self.round, self.sent_back, again=self.again)

    def look(self, module: Any, **params: Any) -> Any:
        step = module.STEP
        return step.look(
            self.ports(See), self.context(step), step.params(**params), self.needs(step)
        )

    def make(self, module: Any, **params: Any) -> Any:
        step = module.STEP
        product = step.make(
            self.ports(Tools), self.context(step), step.params(**params), self.needs(step)
        )
        return self.look(module, **params) if product is None else product

    def foretold(self, module: Any, **params: Any) -> Foreseen:
        """What a dry run says of the step as the world is now."""
        step = module.STEP
        given = (step.params(**params), self.needs(step))
        return step.foresee_here(self.ports(See), self.context(step), *given)

    def turn(self, module: Any, **params: Any) -> Any:
        product = self.look(module, **params) if module.STEP.look else None
        if product is None or status(module, product, **params) is not Status.PASSED:
            product = self.make(module, **params)
        self.products[module.STEP.name] = product
        return product

    def tested(self) -> None:
        """Step 8, as if it had run on the coding tree."""
        cases = (Case(name="test_tabs", outcome="passed", duration_s=0.1, criteria=("AC-1",)),)
        tree = self.products["coding"].tree
        suite = SuiteResult(
            suite="backend",
            tree=tree,
            interpreter="3.11",
            passed=1,
            failed=0,
            skipped=0,
            cases=cases,
        )
        self.products["local_tests"] = LocalTests(
            tree=tree, suites=(suite.model_copy(update={"coverage_pct": 91.2}),)
        )

    def developed(self, path: str = "app.py", text: str = "print(1)\nprint(2)\n") -> Coding:
        """Everything up to step 9, with one file edited."""
        self.turn(s06_branch)
        self.repository.work[path] = text
        coding: Coding = self.turn(s07_coding)
        self.tested()
        self.products["pre_commit"] = Hooks(
            tree=coding.tree, hooks=(Hook(name="black", outcome="passed"),)
        )
        return coding

    def pushed(self) -> Push:
        """Everything up to step 11."""
        self.developed()
        self.turn(s10_commit)
        push: Push = self.turn(s11_push)
        return push

    def reviewed_by(
        self, login: str, verdict: str, body: str = "", at: tuple[str, int] | None = None
    ) -> None:
        """A person's review of the pushed commit."""
        me = self.host.acting
        self.host.acting = login
        self.host.review(1, self.products["push"].sha, verdict, body, at)
        self.host.acting = me

    def answers(self, module: Any, login: str, verdict: Any) -> None:
        """A person's word at a gate, by devflow's own command."""
        step = module.STEP
        me = self.host.acting
        self.host.acting = login
        try:
            needs = self.needs(step)
            word = GateAnswer(verdict)
            step.answer(self.ports(Tools), self.context(step), step.params(), needs, word)
        finally:
            self.host.acting = me

    def branch(self) -> Branch:
        """The branch's product."""
        branch: Branch = self.products["branch"]
        return branch


def status(module: Any, product: Any, **params: Any) -> Status:
    """The status that the step's own judge gives."""
    return judged(module.STEP.judge(module.STEP.params(**params), product))


def evidence(module: Any, product: Any, id_: str, about: str = "", **params: Any) -> Check:
    """The one check that a program selects by id and subject."""
    checks: tuple[Check, ...] = module.STEP.judge(module.STEP.params(**params), product)
    found = [check for check in checks if (check.id, check.about) == (id_, about)]
    assert len(found) == 1, [(check.id, check.about) for check in checks]
    return found[0]


def stand_ins(step: AnyStep) -> Any:
    """Needs of which nothing is known but the project."""
    return step.needs(
        **{
            name: PROJECT if name == "project" else StandIn(name)
            for name in step.needs.__annotations__
        }
    )
