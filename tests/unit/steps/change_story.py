"""A ticket's change from its branch to the CI trigger, on a repository and a code host in
memory."""

from dataclasses import replace
from typing import Any, Literal, Protocol

from devflow.model.change import Branch, Case, Coding, Hook, Hooks, LocalTests, Push, SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Project, Service
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Foreseen, SendBack
from devflow.model.planning import Criterion, Design, Document, Requirements, Ticket
from devflow.model.tree import FixesTree, Tree
from devflow.model.values import Value
from devflow.ports.shell import Ran
from devflow.ports.web import HttpAnswer
from devflow.step import AnyStep, GateAnswer, Turn
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
from devflow.testing import MemoryClock, MemoryDeploys, World
from devflow.testing.host import AT
from devflow.testing.played import with_own_parts
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


PAGE = HttpAnswer(200, "", 1.0)


class Module(Protocol):
    """A step's module."""

    @property
    def STEP(self) -> AnyStep: ...


class StoryDeploys(MemoryDeploys):
    """``broken`` is why nothing comes up."""

    broken = ""

    def scale(self, name: str, version: str, replicas: int) -> None:
        if self.broken:
            raise StepFailed(self.broken)
        super().scale(name, version, replicas)


class Story(World):
    """``products`` are what entries came to, by name; a missing need is looked up there. Each
    command that measures ends as ``shell.otherwise`` says, each page answers."""

    def __init__(self, **files: str) -> None:
        super().__init__({"app.py": "print(1)\n", CONFIG: HOOKS, **files})
        self.shell.otherwise = Ran(0, "black....Passed\n- hook id: black\n", 0.1)
        self.shell.programs = {"pre-commit": "/bin/pre-commit"}
        self.shell.python = HasPython.python
        self.deploys = StoryDeploys()
        self.web.otherwise = PAGE
        self.web.picture = b"PNG"
        self.clock = MemoryClock(AT)
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
        """The verbs that were said to repository, host and deployments."""
        deployed = [write.partition(" ")[0] for write in self.deploys.writes]
        return self.repository.writes + self.host.writes + deployed

    def needs(self, step: AnyStep) -> Any:
        """The step's needs; of the project only the parts that it names can be read."""
        products = {**self.products, "tree": self.settled(step)}
        needs = step.needs(**{name: products[name] for name in step.needs.__annotations__})
        return with_own_parts(step, needs)

    def settled(self, step: AnyStep) -> Tree | None:
        """What the nearest earlier entry settled."""
        is_pushed = (step.number or 0) > (s11_push.STEP.number or 0)
        settling = self.products.get("push" if is_pushed else "coding")
        return settling.settled if isinstance(settling, FixesTree) else None

    def context(self, step: AnyStep) -> Turn:
        """The turn of its entry in this round."""
        turn = self.turn(step, self.round)
        return replace(turn, sent_back=self.sent_back, again=self.again)

    def seen(self, module: Module, **params: Any) -> Any:
        """What the step finds of its own work."""
        step = module.STEP
        played = self.look(step, self.needs(step), step.params(**params), self.context(step))
        return played and played.product

    def came_to(self, module: Module, **params: Any) -> Any:
        """What the step makes, whatever is there."""
        step = module.STEP
        needs = self.needs(step)
        return self.make(step, needs, step.params(**params), self.context(step)).came_to

    def through(self, module: Module, **params: Any) -> Any:
        """A whole turn, whose product later needs find."""
        step = module.STEP
        played = self.play(step, self.needs(step), step.params(**params), self.context(step))
        self.products[step.name] = played.came_to
        return played.came_to

    def foretold(self, module: Any, **params: Any) -> Foreseen:
        """What a dry run says of the step as the world is now."""
        step = module.STEP
        given = (step.params(**params), self.needs(step))
        foreseen: Foreseen = step.foresee_here(self.see, self.context(step), *given)
        return foreseen

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
        self.through(s06_branch)
        self.repository.work[path] = text
        coding: Coding = self.through(s07_coding)
        self.tested()
        self.products["pre_commit"] = Hooks(
            tree=coding.tree, hooks=(Hook(name="black", outcome="passed"),)
        )
        return coding

    def pushed(self) -> Push:
        """Everything up to step 11."""
        self.developed()
        self.through(s10_commit)
        push: Push = self.through(s11_push)
        return push

    def reviewed_by(
        self, login: str, verdict: str, body: str = "", at: tuple[str, int] | None = None
    ) -> None:
        """A person's review of the pushed commit."""
        me = self.host.acting
        self.host.acting = login
        self.host.review(1, self.products["push"].sha, verdict, body, at)
        self.host.acting = me

    def answers(
        self, module: Module, login: str, verdict: Literal["approve", "reject"], said: str = ""
    ) -> None:
        """A person's word at a gate, by devflow's own command."""
        me = self.host.acting
        self.host.acting = login
        try:
            self.answer(module.STEP, self.needs(module.STEP), GateAnswer(verdict, said))
        finally:
            self.host.acting = me

    def branch(self) -> Branch:
        """The branch's product."""
        branch: Branch = self.products["branch"]
        return branch


def status(module: Module, product: Value, **params: Any) -> Status:
    """The status that the step's own judge gives."""
    return judged(module.STEP.judge(module.STEP.params(**params), product))


def evidence(module: Module, product: Value, id_: str, about: str = "", **params: Any) -> Check:
    """The one check that a program selects by id and subject."""
    checks: tuple[Check, ...] = module.STEP.judge(module.STEP.params(**params), product)
    found = [check for check in checks if (check.id, check.about) == (id_, about)]
    assert len(found) == 1, [(check.id, check.about) for check in checks]
    return found[0]
