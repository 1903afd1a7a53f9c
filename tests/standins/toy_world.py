"""A world in one JSON file, and toy steps that write into it: what the engine is tried on before
any real step.

Only the verbs that the toys say are there; each is an ensure verb as the port demands, durable when
it returns.
"""

import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, cast

from devflow.config.pipeline import parse
from devflow.engine.plan import Plan, build
from devflow.model.checks import Check
from devflow.model.events import EVENT, Event
from devflow.model.marks import UNMARKED, Mark
from devflow.model.outcomes import Absent, Foreseen, SendBack, TakenBack, Waiting, Write
from devflow.model.summary import Summary
from devflow.model.values import Fact, Limit, Value
from devflow.step import AnyStep, See, Step, Tools, Turn

RUN = "TOY-1"
Hook = Callable[[str], None]


def untouched(_: str) -> None:
    """The hook of a world in which nothing is killed."""


class World:
    """Stands for the tracker, the repository, the clock and the shell of the toys."""

    def __init__(self, file: Path, hook: Hook = untouched) -> None:
        self.file = file
        self._hook = hook
        self._lock = threading.RLock()

    def state(self) -> dict[str, Any]:
        """Everything that is in the world."""
        return cast(dict[str, Any], json.loads(self.file.read_text())) if self.file.exists() else {}

    @contextmanager
    def change(self, verb: str) -> Iterator[dict[str, Any]]:
        """One durable change, with the hook called before and after it."""
        with self._lock:
            self._hook(f"before {verb}")
            state = self.state()
            yield state
            new = self.file.with_suffix(".new")
            new.write_text(json.dumps(state, sort_keys=True, indent=1))
            os.replace(new, self.file)
            self._hook(f"after {verb}")

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def property(self, key: str, name: str) -> str:
        return str(self.state().get(f"{key}.{name}", ""))

    def remember(self, key: str, name: str, text: str) -> None:
        with self.change("remember") as state:
            state.setdefault(f"{key}.{name}", text)

    def comment(self, key: str, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        with self.change("comment") as state:
            comments = [one for one in state.get("comments", []) if one[0] != mark.editable]
            state["comments"] = [*comments, [mark.editable, body]]
            state["comment_calls"] = state.get("comment_calls", 0) + 1

    def act(self, name: str, command: object) -> None:
        with self.change("act") as state:
            state["acted"] = [*state.get("acted", []), name]


class FileJournal:
    """Events as lines of a file, durable when appended."""

    def __init__(self, file: Path, hook: Hook = untouched) -> None:
        self._file = file
        self._hook = hook

    def events(self, run: str) -> list[Event]:
        if not self._file.exists():
            return []
        return [EVENT.validate_json(line) for line in self._file.read_text().splitlines() if line]

    def runs(self) -> tuple[str, ...]:
        return (RUN,) if self._file.exists() else ()

    def append(self, *events: Event, summary: Summary | None = None) -> None:
        for event in events:
            self._hook(f"before {event.type}")
        with self._file.open("a") as lines:
            lines.write("".join(f"{event.model_dump_json()}\n" for event in events))
        for event in events:
            self._hook(f"after {event.type}")


def tools_of(world: World) -> Tools:
    """The world behind the ports that the toys use; every other port is missing on purpose."""
    ports: dict[str, Any] = dict.fromkeys(Tools.__annotations__)
    used = dict.fromkeys(("tracker", "shell", "clock"), world)
    return Tools(**{**ports, **used})


class NoParams(Value):
    """A toy without parameters."""


@dataclass(frozen=True)
class NoNeeds:
    """A toy that needs nothing."""


class Note(Value):
    """What a toy makes: a text that is identity, and how often it was made, which is not."""

    text: str
    made: Fact[int] = 0


class Draft(Value):
    """What the developer of the toy story writes."""

    text: str


class Grade(TakenBack):
    """The verdict of the toy review, or of the toy gate, which may take it back."""

    text: str
    points: Fact[int] = 0
    back: Fact[bool] = False

    @property
    def is_taken_back(self) -> bool:
        return self.back


@dataclass(frozen=True)
class NeedsNote:
    note: Note


@dataclass(frozen=True)
class NeedsDraft:
    draft: Draft


class GradeParams(Value):
    least: Limit[int] = 3


@dataclass(frozen=True)
class NeedsGate:
    draft: Draft
    gate: Grade | Absent


def seen(product: Value, ok: bool = True) -> tuple[Check, ...]:
    return (Check(label="there", ok=ok, measured=str(product)),)


def _foresee(verb: str) -> Callable[..., Foreseen]:
    return lambda params, needs: Foreseen((Write(port="tracker", verb=verb, target=RUN),))


def _make_note(tools: Tools, turn: Turn, params: NoParams, needs: NoNeeds) -> Note:
    tools.tracker.comment(RUN, "first", slot="a")
    tools.tracker.comment(RUN, "second", slot="b")
    return Note(text="noted")


def _look_draft(see: See, turn: Turn, params: NoParams, needs: NeedsNote) -> Draft | None:
    text = see.tracker.property("draft", "text")
    return Draft(text=text) if text else None


def _make_draft(tools: Tools, turn: Turn, params: NoParams, needs: NeedsNote) -> Draft | Waiting:
    text = tools.tracker.property("draft", "text")
    return Draft(text=text) if text else Waiting(for_="a draft")


def _make_review(
    tools: Tools, turn: Turn, params: GradeParams, needs: NeedsDraft
) -> Grade | SendBack | Waiting:
    tools.tracker.comment(RUN, f"please review {needs.draft.text}")
    points = tools.tracker.property("points", needs.draft.text)
    if not points:
        return Waiting(for_=f"points for {needs.draft.text}")
    if int(points) < params.least:
        return SendBack(to="draft", why="too few points", todo=("write more",))
    return Grade(text=needs.draft.text, points=int(points))


def _look_review(see: See, turn: Turn, params: GradeParams, needs: NeedsDraft) -> Grade | None:
    points = see.tracker.property("points", needs.draft.text)
    return Grade(text=needs.draft.text, points=int(points)) if points else None


def _judge_review(params: GradeParams, product: Grade) -> tuple[Check, ...]:
    ok = product.points >= params.least
    return (Check(label="points", ok=ok, measured=str(product.points), limit=str(params.least)),)


def _make_gate(
    tools: Tools, turn: Turn, params: NoParams, needs: NeedsDraft
) -> Grade | Waiting | Absent:
    said = tools.tracker.property("gate", needs.draft.text)
    if said == "no":
        return Absent(kind="rejected", why="no")
    asked = int(turn.kept.get("asked", 0)) + 1
    if not said:
        return Waiting(for_="the gate", keep={"asked": asked})
    return Grade(text=needs.draft.text, back=said == "back")


def _make_act(tools: Tools, turn: Turn, params: NoParams, needs: NeedsDraft) -> Note:
    tools.shell.act("notify", cast(Any, needs.draft.text))
    return Note(text=needs.draft.text)


def _make_close(tools: Tools, turn: Turn, params: NoParams, needs: NeedsGate) -> Note:
    state = "open" if isinstance(needs.gate, Absent) else "through"
    tools.tracker.comment(RUN, f"closed, gate {state}")
    return Note(text=state)


def _make_check(tools: Tools, turn: Turn, params: NoParams, needs: NeedsDraft) -> Note:
    tools.tracker.remember("check", turn.entry, needs.draft.text)
    return Note(text=tools.tracker.property("check", turn.entry))


STEPS: dict[str, AnyStep] = {
    step.name: step
    for step in (
        Step(
            name="note",
            title="Note",
            params=NoParams,
            needs=NoNeeds,
            makes=Note,
            make=_make_note,
            judge=lambda p, o: seen(o),
            foresee=_foresee("comment"),
        ),
        Step(
            name="draft",
            title="Draft",
            params=NoParams,
            needs=NeedsNote,
            makes=Draft,
            make=_make_draft,
            judge=lambda p, o: seen(o),
            foresee=lambda p, n: Foreseen(),
            look=_look_draft,
            hands_over=True,
        ),
        Step(
            name="review",
            title="Review",
            params=GradeParams,
            needs=NeedsDraft,
            makes=Grade,
            make=_make_review,
            judge=_judge_review,
            foresee=_foresee("comment"),
            look=_look_review,
            sends_back_to="draft",
        ),
        Step(
            name="check",
            title="Check",
            params=NoParams,
            needs=NeedsDraft,
            makes=Note,
            make=_make_check,
            judge=lambda p, o: seen(o),
            foresee=_foresee("remember"),
        ),
        Step(
            name="gate",
            title="Gate",
            params=NoParams,
            needs=NeedsDraft,
            makes=Grade,
            make=_make_gate,
            judge=lambda p, o: seen(o, ok=not o.back),
            foresee=lambda p, n: Foreseen(),
            answer=lambda tools, turn, p, n, word: Waiting(for_=f"more than {word.verdict}"),
        ),
        Step(
            name="act",
            title="Act",
            params=NoParams,
            needs=NeedsDraft,
            makes=Note,
            make=_make_act,
            judge=lambda p, o: seen(o),
            foresee=lambda p, n: Foreseen(),
            changes_world=lambda p: True,
        ),
        Step(
            name="close",
            title="Close",
            params=NoParams,
            needs=NeedsGate,
            makes=Note,
            make=_make_close,
            judge=lambda p, o: seen(o),
            foresee=_foresee("comment"),
        ),
    )
}

PIPELINE = """
devflow: 1
phases:
  before:
    - note
    - draft
  work:
    - review
    - parallel: [check, second_check: {uses: check}]
    - act
  after:
    - gate: {deferred: true}
    - close
"""


def plan_of(text: str = PIPELINE) -> Plan:
    """The toy plan."""
    return build(parse("pipeline.yaml", text), STEPS)
