"""What a step came to in one turn, and the guards that the engine puts around it."""

from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, Iterable, Iterator, cast, get_args, get_type_hints

from devflow.engine.binding import bound
from devflow.engine.fold import Memory
from devflow.engine.plan import Entry, Need
from devflow.engine.proxies import Occasion, WriteCall, recording
from devflow.engine.stand_in import StandIn
from devflow.engine.standing import Situation
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent, SendBack, Waiting, Write
from devflow.model.tree import Tree
from devflow.step import M, N, P, Step, Tools, Turn


@dataclass(frozen=True)
class Played(Generic[M]):
    """``came_to`` is what the step answered; ``checks`` are its evidence, none where it made
    nothing; ``writes`` what it wrote, in its order; ``is_found``: it was there already."""

    came_to: M | Absent | Waiting | SendBack
    checks: tuple[Check, ...] = ()
    writes: tuple[Write, ...] = ()
    is_found: bool = False

    @property
    def product(self) -> M:
        """What was made. Raises ``AssertionError`` where it came to something else."""
        came_to = self.came_to
        if isinstance(came_to, (Absent, Waiting, SendBack)):
            raise AssertionError(f"nothing was made: {came_to!r}")
        return came_to

    @property
    def status(self) -> Status:
        """What its evidence adds up to; without any it is unavailable."""
        return judged(self.checks)

    def check(self, id_: str, about: str = "") -> Check:
        """The one line of evidence that a program selects by both. Raises ``AssertionError`` where
        there is none."""
        for check in self.checks:
            if (check.id, check.about) == (id_, about):
                return check
        there = [(check.id, check.about) for check in self.checks]
        raise AssertionError(f"no evidence {(id_, about)}; there is {there}")


def verbs(writes: Iterable[Write]) -> list[tuple[str, str]]:
    """Port and verb of writes: what a plan and a turn have to agree on, whatever they call the
    target."""
    return [(write.port, write.verb) for write in writes]


def not_yet(step: Step[P, N, M], project: Project | None = None) -> N:
    """Needs of which nothing exists yet, as a plan has them before a run has begun: each can be
    printed, and raises where it would decide something."""
    needs: dict[str, Any] = {}
    for field in get_type_hints(step.needs):
        needs[field] = StandIn(field)
    if "project" in needs:
        needs["project"] = (project or Project()).only(step.project_parts)
    return step.needs(**needs)


def with_own_parts(step: Step[P, N, M], needs: N) -> N:
    """The needs, with no more of the project than the step says that it reads."""
    project = getattr(needs, "project", None)
    if not isinstance(project, Project):
        return needs
    own: Any = replace(cast(Any, needs), project=project.only(step.project_parts))
    return cast(N, own)


def checked(
    step: Step[P, N, M], params: P, came_to: M | Absent | Waiting | SendBack
) -> tuple[Check, ...]:
    """The evidence of a product. Raises ``AssertionError`` where a program could not select each
    line by the ids that the step declares."""
    if isinstance(came_to, (Absent, Waiting, SendBack)):
        return ()
    checks = step.judge(params, came_to)
    selected = [(check.id, check.about) for check in checks]
    if step.evidence:
        unknown = {check.id for check in checks} - set(step.evidence)
        assert not unknown, f"{step.name} does not declare the evidence {sorted(unknown)}"
        twice = {key for key in selected if selected.count(key) > 1}
        assert not twice, f"several lines of {step.name} are selected by {sorted(twice)}"
    return checks


class _Writes:
    """What the engine's recorder tells."""

    def __init__(self) -> None:
        self.calls: list[Write] = []

    @contextmanager
    def write(self, call: WriteCall) -> Iterator[None]:
        self.calls.append(Write(port=call.port, verb=call.verb, target=call.target))
        yield

    def doubtful(self, call: WriteCall) -> None:
        raise AssertionError(f"{call.port}.{call.verb} was said before in this very turn")


def made(
    tools: Tools, turn: Turn, step: Step[P, N, M], params: P, needs: N
) -> tuple[M | Absent | Waiting | SendBack | None, tuple[Write, ...]]:
    """What ``make`` answers, with the engine's guards around it, and what it wrote."""
    writes = _Writes()
    memory = Memory(round=turn.round, sent_back=turn.sent_back)
    occasion = Occasion(turn.run, turn.entry, fingerprint="", round=turn.round, attempt=1)
    gathered = {field.name: getattr(needs, field.name) for field in fields(cast(Any, needs))}
    at = Situation(_entry(step, turn, params), memory, gathered)
    guarded = bound(recording(tools, occasion, memory, writes), at)
    return step.make(guarded, turn, params, needs), tuple(writes.calls)


def _entry(step: Step[P, N, M], turn: Turn, params: P) -> Entry:
    """The entry whose turn it is, with the needs that bind it to a tree."""
    trees = []
    for field, kind in get_type_hints(step.needs).items():
        if Tree in (kind, *get_args(kind)):
            trees.append(Need(field, entry="", takes_absent=False, settled="tree"))
    return Entry(
        name=turn.entry,
        step=step,
        params=params,
        phase=turn.phases.get(turn.entry, ""),
        group=0,
        required=True,
        deferred=False,
        needs=tuple(trees),
    )
