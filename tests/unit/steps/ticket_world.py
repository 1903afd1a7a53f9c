"""What the tests of the ticket's steps share: a ticket in a world in memory."""

from typing import Any

from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.planning import Issue, Ticket
from devflow.model.review import PullRequest
from devflow.model.values import Value
from devflow.step import AnyStep, M, N, P, Step
from devflow.testing import MemoryClock, MemoryTracker, World, story, verbs
from devflow.testing.tracker import AT, DEVELOPER, OWNER

KEY = "SCRUM-95"
BRANCH = "SCRUM-95-add-tabs"
TICKET = Ticket(key=KEY, summary="Add tabs", type="Story")
SKIPPED = Absent(kind="skipped", why="not in this pipeline")


class TicketWorld(World):
    """One ticket's world; ``meant`` are port and verb of what the last turn wrote."""

    def __init__(self, *issues: Issue, files: dict[str, str] | None = None, **options: Any) -> None:
        super().__init__(files, *issues)
        self.run = KEY
        self.tracker = MemoryTracker(*issues, **options)
        self.clock = MemoryClock(AT)
        self.meant: list[tuple[str, str]] = []

    def seen(
        self, step: Step[P, N, M], needs: N, params: P | None = None, round_: int = 1
    ) -> M | None:
        """What the step can tell of itself."""
        played = self.look(step, needs, params, self.turn(step, round_))
        return played.product if played else None

    def came_to(
        self, step: Step[P, N, M], needs: N, params: P | None = None, round_: int = 1
    ) -> M | Absent | Waiting | SendBack:
        """What the step makes."""
        played = self.make(step, needs, params, self.turn(step, round_))
        self.meant = verbs(played.writes)
        return played.came_to


def lines(step: AnyStep, product: Value, params: Value | None = None) -> dict[str, Check]:
    """The step's evidence by its id, and behind it what it is about."""
    checks = step.judge(params or step.params(), product)
    by_name = {f"{check.id} {check.about}".rstrip(): check for check in checks}
    assert len(by_name) == len(checks), "(id, about) selects one"
    return by_name


def status(step: AnyStep, product: Value, params: Value | None = None) -> Status:
    """What the step's evidence adds up to."""
    return judged(step.judge(params or step.params(), product))


PROJECT = Project.model_validate({"tracker": {"project": "SCRUM"}})


def begun(**fields: Any) -> TicketWorld:
    """A ticket in progress, with one commit on its branch."""
    options = {"workflow": fields.pop("workflow")} if "workflow" in fields else {}
    moved = {"status": "In Progress", "status_category": "indeterminate", "assignee": DEVELOPER}
    world = TicketWorld(story(**{**moved, **fields}), files={"a.py": "1"}, **options)
    world.tracker.watch(KEY, DEVELOPER)
    world.tracker.watch(KEY, OWNER)
    world.repository.remote[BRANCH] = world.repository.heads["main"]
    world.repository.push_by_somebody(BRANCH, "tabs.html", "<p>")
    return world


def pull_of(world: TicketWorld, **fields: Any) -> PullRequest:
    given = {
        "number": 142,
        "head_sha": world.repository.remote[BRANCH],
        "base": "main",
        "url": "http://host.test/pull/142",
    }
    return PullRequest.model_validate(
        {**given, "reviewers": ("tech-lead", "frontend-dev"), "evidence": ("58 passed",), **fields}
    )
