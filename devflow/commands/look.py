"""`plan`, `status` and `explain`: what a person asks without changing anything."""

import json
from dataclasses import dataclass, replace
from inspect import cleandoc, getmodule
from typing import Any, Final, Iterable, Iterator, Mapping, get_args, get_type_hints

from pydantic import TypeAdapter

from devflow.commands.place import Workspace, World, key_of, outline_of
from devflow.commands.ship import note
from devflow.engine.dry_run import DryRun, Foresight
from devflow.engine.fold import RunState
from devflow.engine.plan import PROJECT, Entry, Plan
from devflow.engine.proxies import reading
from devflow.engine.standing import Needs, verdict
from devflow.model.checks import Check, Status
from devflow.model.errors import DevflowError, UsageError
from devflow.model.outcomes import Absent
from devflow.model.values import LIMIT
from devflow.step import AnyStep, See, Turn
from devflow.ui.board import Board, EntryState, board_of
from devflow.ui.outline import Outline, ParamLine, PlannedEntry, StepPage

_ANYTHING: Final[TypeAdapter[object]] = TypeAdapter(object)
_SHOWN = {"stands": "stands", "to do": "to do", "not foreseen": "unknown"}


@dataclass(frozen=True)
class Seen:
    """A run as the journal has it, for a screen to draw."""

    outline: Outline
    board: Board
    running: bool


def plan(place: Workspace, world: World, run: str) -> tuple[Outline, tuple[PlannedEntry, ...]]:
    """What `ship` would do, for every entry. Raises what a look at the world raises."""
    events = tuple(place.journal.events(run))
    foresights = DryRun(place.plan, reading(world.tools), RunState(events), run).foresee()
    return outline_of(place, run, note(world), events), tuple(map(_planned, foresights))


def _planned(foresight: Foresight) -> PlannedEntry:
    entry = foresight.entry
    state = _SHOWN[foresight.state]
    return PlannedEntry(
        number=entry.step.number,
        name=entry.name,
        title=entry.step.title,
        phase=entry.phase,
        state=state,  # type: ignore[arg-type]  # a value of the literal by construction
        writes=foresight.writes,
        why=foresight.why,
    )


def status(place: Workspace, run: str, connect_note: str) -> Seen:
    """How the run stands, from the journal alone."""
    events = tuple(place.journal.events(run))
    return Seen(
        outline_of(place, run, connect_note, events), board_of(events), bool(place.lock.holder(run))
    )


def at_work(place: Workspace, see: See, run: str, connect_note: str) -> Seen:
    """How the run stands, and in the developer's turn what is in the working tree by now; writes
    nothing.

    It is the step's own ``look``, so that what is shown is what `ship` would take up; only the
    network is not asked.
    """
    seen = status(place, run, connect_note)
    entry = next((one for one in place.plan.entries if one.step.hands_over and one.step.look), None)
    if (
        entry is None
        or seen.running
        or seen.board.entry(entry.name).status not in (Status.PENDING, Status.WAITING)
    ):
        return seen
    state, needs = RunState(place.journal.events(run)), Needs(place.plan)
    gathered = needs.gather(entry, state)
    if not isinstance(gathered, dict):
        return seen
    checks = _looked(
        entry,
        reading(see),
        Turn(run, entry.name, state.of(entry.name).round),
        needs.built(entry, gathered),
    )
    return replace(seen, board=seen.board.previewing(entry.name, checks))


def _looked(entry: Entry, see: See, turn: Turn, needs: Any) -> tuple[Check, ...]:
    assert entry.step.look is not None
    try:
        found = entry.step.look(see, turn, entry.params, needs)
    except DevflowError as error:
        return (
            Check(
                label="working tree",
                ok=None,
                measured=error.message,
                source=entry.name,
                needed=False,
            ),
        )
    return verdict(entry, found)[1] if found is not None else ()


def pages(steps: Mapping[str, AnyStep], plan: Plan | None) -> tuple[StepPage, ...]:
    """A page for every step that exists: those of the plan first, as it has them, the others as
    they are by default."""
    entries = plan.entries if plan else ()
    names = {entry.step.name for entry in entries}
    used = [_page(entry.step, entry) for entry in entries]
    return (*used, *(_page(step, None) for step in steps.values() if step.name not in names))


def last_of(place: Workspace, name: str) -> EntryState | None:
    """What the entry last came to in the current run; ``None`` where no run can be told."""
    try:
        run = key_of(place, "")
    except UsageError:
        return None
    return board_of(place.journal.events(run)).entry(name)


def page(found: Iterable[StepPage], name: str) -> StepPage:
    """The page of an entry or step. Raises ``UsageError`` where there is none."""
    for one in found:
        if one.name == name or (one.number is not None and name == str(one.number)):
            return one
    raise UsageError(f'no entry or step is called "{name}"', hint="devflow explain")


def _page(step: AnyStep, entry: Entry | None) -> StepPage:
    return StepPage(
        number=step.number,
        name=entry.name if entry else step.name,
        title=step.title,
        phase=entry.phase if entry else "",
        doc=_doc(getmodule(step.params)),
        params_doc=_doc(step.params),
        needs=tuple(_needs(step)),
        makes=step.makes.__name__,
        params=tuple(_params(step, entry)),
        looks=step.look is not None,
        sends_back_to=entry.sends_back_to if entry else step.sends_back_to,
        hands_over=step.hands_over,
    )


def _needs(step: AnyStep) -> Iterator[tuple[str, str]]:
    for name, kind in get_type_hints(step.needs).items():
        if name != PROJECT:
            kinds = get_args(kind) or (kind,)
            yield name, " or ".join("nothing" if one is Absent else one.__name__ for one in kinds)


def _doc(documented: object) -> str:
    """A docstring as plain text, a paragraph a line: the ticks around names go."""
    paragraphs = (
        cleandoc(getattr(documented, "__doc__", None) or "").replace("``", "").split("\n\n")
    )
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _params(step: AnyStep, entry: Entry | None) -> Iterator[ParamLine]:
    for name, field in step.params.model_fields.items():
        required = field.is_required() and entry is None
        default = (
            None
            if field.is_required()
            else field.get_default(call_default_factory=True, validated_data={})
        )
        value = (
            "required" if required else _as_yaml(getattr(entry.params, name) if entry else default)
        )
        yield ParamLine(
            field.alias or name,
            _kind(field.annotation),
            value,
            LIMIT in field.metadata,
            field.description or "",
        )


def _kind(annotation: Any) -> str:
    """``float``, ``tuple[str, ...]``."""
    return str(annotation) if get_args(annotation) else annotation.__name__


def _as_yaml(value: object) -> str:
    """A value as pipeline.yaml takes it."""
    return json.dumps(_ANYTHING.dump_python(value, mode="json"), ensure_ascii=False)
