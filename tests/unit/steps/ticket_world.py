"""What the tests of the ticket's steps share: a world of stand-ins, and a turn that fills marks as
the engine does.

What these steps never ask for (shell, deploys, web, images) is left out, so that a step that asked
for it would fail.
"""

import inspect
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Sequence, get_type_hints

from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Project
from devflow.model.events import Event
from devflow.model.outcomes import Absent
from devflow.model.planning import Ticket
from devflow.model.review import PullRequest
from devflow.ports.verbs import verb_of
from devflow.step import AnyStep, See, Tools, Turn
from devflow.testing import MemoryHost, MemoryRepository, MemoryTracker, story
from devflow.testing.tracker import AT, DEVELOPER, OWNER

KEY = "SCRUM-95"
BRANCH = "SCRUM-95-add-tabs"
TICKET = Ticket(key=KEY, summary="Add tabs", type="Story")
SKIPPED = Absent(kind="skipped", why="not in this pipeline")


class MemoryClock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class MemoryHistory:
    """The events of one run."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.kept = list(events)

    def events(self, run: str) -> Sequence[Event]:
        return self.kept

    def runs(self) -> tuple[str, ...]:
        return (KEY,)


class Marking:
    """A port as ``make`` gets it: every write is noted in ``meant``, and its mark filled."""

    def __init__(self, port: str, adapter: Any, turn: Turn, meant: list[tuple[str, str]]) -> None:
        self._port = port
        self._adapter = adapter
        self._turn = turn
        self._meant = meant

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._adapter, name)
        protocol = get_type_hints(Tools)[self._port]
        if verb_of(protocol, name) is None:
            return method

        def write(*args: Any, **kwargs: Any) -> None:
            self._meant.append((self._port, name))
            takes_mark = "mark" in inspect.signature(getattr(protocol, name)).parameters
            mark = {"mark": self._turn.mark(name, kwargs.get("slot", ""))} if takes_mark else {}
            method(*args, **kwargs, **mark)

        return write


class TicketWorld:
    """One ticket's world; ``play`` is one turn of a step as the engine takes it: make, and look
    where make answers nothing."""

    def __init__(self, *issues: Any, files: dict[str, str] | None = None, **options: Any) -> None:
        self.tracker = MemoryTracker(*issues, **options)
        self.repository = MemoryRepository(files or {})
        self.host = MemoryHost(self.repository)
        self.clock = MemoryClock()
        self.history = MemoryHistory()
        self.phases: dict[str, str] = {}
        self.meant: list[tuple[str, str]] = []

    def turn(self, step: AnyStep, round_: int = 1) -> Turn:
        """A turn of the entry that is named as its step."""
        return Turn(run=KEY, entry=step.name, round=round_, phases=self.phases)

    def see(self) -> See:
        """The reading half."""
        ports: dict[str, Any] = {one.name: getattr(self, one.name, None) for one in fields(See)}
        return See(**ports)

    def look(self, step: AnyStep, needs: Any, params: Any = None, round_: int = 1) -> Any:
        """What the step can tell of itself; it must not write."""
        assert step.look is not None
        said = list(self.tracker.writes)
        seen = step.look(self.see(), self.turn(step, round_), params or step.params(), needs)
        assert self.tracker.writes == said
        return seen

    def play(self, step: AnyStep, needs: Any, params: Any = None, round_: int = 1) -> Any:
        """One turn; ``meant`` then lists its writes."""
        turn = self.turn(step, round_)
        self.meant = []
        ports = {field.name: getattr(self, field.name, None) for field in fields(Tools)}
        tools = Tools(
            **{name: Marking(name, port, turn, self.meant) for name, port in ports.items()}
        )
        made = step.make(tools, turn, params or step.params(), needs)
        return self.look(step, needs, params, round_) if made is None else made


def lines(step: AnyStep, product: Any, params: Any = None) -> dict[str, Check]:
    """The step's evidence by its id, and behind it what it is about."""
    checks = step.judge(params or step.params(), product)
    by_name = {f"{check.id} {check.about}".rstrip(): check for check in checks}
    assert len(by_name) == len(checks), "(id, about) selects one"
    return by_name


def status(step: AnyStep, product: Any, params: Any = None) -> Status:
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
