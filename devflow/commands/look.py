"""`plan`, `status`, `explain` and `logs`: what a person asks without changing anything."""

from dataclasses import dataclass
from typing import Iterator, get_args, get_type_hints

from devflow.commands.place import Place, World, outline_of
from devflow.commands.ship import note
from devflow.engine.dry_run import DryRun, Foresight
from devflow.engine.fold import State
from devflow.engine.plan import PROJECT, Entry
from devflow.engine.proxies import reading
from devflow.model.errors import UsageError
from devflow.model.events import Event
from devflow.model.outcomes import Absent
from devflow.model.values import LIMIT
from devflow.step import AnyStep
from devflow.ui.board import Board, board_of
from devflow.ui.outline import Outline, ParamLine, PlannedEntry, StepPage

_SHOWN = {"stands": "stands", "to do": "to do", "not foreseen": "unknown"}


@dataclass(frozen=True)
class Seen:
    """A run as the journal has it, for a screen to draw."""

    outline: Outline
    board: Board
    running: bool


def plan(place: Place, world: World, run: str) -> tuple[Outline, tuple[PlannedEntry, ...]]:
    """What `ship` would do, for every entry. Raises what a look at the world raises."""
    events = tuple(place.journal.events(run))
    foresights = DryRun(place.plan, reading(world.tools), State(events), run).foresee()
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


def status(place: Place, run: str, connect_note: str) -> Seen:
    """How the run stands, from the journal alone."""
    events = tuple(place.journal.events(run))
    return Seen(outline_of(place, run, connect_note, events), board_of(events), bool(place.lock.holder(run)))


def pages(place: Place) -> tuple[StepPage, ...]:
    """A page for every step that exists, those of the pipeline first."""
    used = [_page(entry.step, entry) for entry in place.plan.entries]
    names = {entry.step.name for entry in place.plan.entries}
    return (*used, *(_page(step, None) for step in place.steps.values() if step.name not in names))


def page(place: Place, name: str) -> StepPage:
    """The page of an entry or step. Raises ``UsageError`` where there is none."""
    for found in pages(place):
        if found.name == name or (found.number is not None and name == str(found.number)):
            return found
    raise UsageError(f'no entry or step is called "{name}"', hint="devflow explain")


def _page(step: AnyStep, entry: Entry | None) -> StepPage:
    return StepPage(
        number=step.number,
        name=entry.name if entry else step.name,
        title=step.title,
        phase=entry.phase if entry else "",
        doc=(step.params.__doc__ or "").strip(),
        needs=tuple(_needs(step)),
        makes=step.makes.__name__,
        params=tuple(_params(step, entry)),
        looks=step.look is not None,
        undoes=step.undo is not None,
        sends_back_to=entry.sends_back_to if entry else step.sends_back_to,
        hands_over=step.hands_over,
    )


def _needs(step: AnyStep) -> Iterator[tuple[str, str]]:
    for name, kind in get_type_hints(step.needs).items():
        if name != PROJECT:
            kinds = get_args(kind) or (kind,)
            yield name, " or ".join("nothing" if one is Absent else one.__name__ for one in kinds)


def _params(step: AnyStep, entry: Entry | None) -> Iterator[ParamLine]:
    for name, field in step.params.model_fields.items():
        default = "" if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
        value = getattr(entry.params, name) if entry else default
        kind = getattr(field.annotation, "__name__", str(field.annotation))
        yield ParamLine(field.alias or name, kind, str(value), LIMIT in field.metadata, field.description or "")


def logs(place: Place, run: str, name: str) -> Iterator[str]:
    """The whole logs of an entry: what its commands printed, and what went wrong. Raises ``UsageError`` without any."""
    if name not in {entry.name for entry in place.plan.entries}:
        raise UsageError(f'the pipeline has no entry "{name}"', hint="devflow status")
    files = sorted((place.state_dir / "logs" / run).glob(f"{name}*.log"))
    for file in files:
        yield f"== {file}"
        yield file.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    troubles = [text for event in place.journal.events(run) if (text := _trouble(event, name))]
    yield from troubles
    if not files and not troubles:
        raise UsageError(f"{name} has printed nothing in this run", hint="devflow status")


def _trouble(event: Event, name: str) -> str:
    if event.type != "broke" or event.entry != name:
        return ""
    return f"== {event.at:%Y-%m-%d %H:%M:%S} {event.message}\n{event.trace}".rstrip()
