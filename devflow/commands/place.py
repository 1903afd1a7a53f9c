"""Where a command works: the repository, its pipeline, its journal, and (where the command needs
it) the world outside."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Final, Mapping, Protocol

from devflow.config.environment import Connection
from devflow.config.pipeline import Pipeline
from devflow.engine.plan import Plan
from devflow.model.errors import UsageError
from devflow.model.events import Event
from devflow.model.sandbox import SandboxFacts
from devflow.ports.deploys import Deploys
from devflow.ports.journal import Journal
from devflow.ports.lock import RunLock
from devflow.ports.repository import RepositoryReads
from devflow.step import AnyStep, Tools
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.screens import Screen

SANDBOX_NOTE: Final = "sandbox: nothing leaves this machine"
KEY: Final = re.compile(r"[A-Z][A-Z0-9_]+-[1-9][0-9]*")


class Masking(Protocol):
    """Takes registered secrets out of any text."""

    def register(self, secret: str) -> None:
        """Hides this secret from now on."""
        ...

    def __call__(self, text: str) -> str:
        """The text without them."""
        ...


@dataclass(frozen=True)
class Workspace:
    """A repository with a pipeline.yaml, and what stands in its ``.git/devflow``."""

    root: Path
    state_dir: Path
    pipeline: Pipeline
    steps: Mapping[str, AnyStep]
    plan: Plan
    journal: Journal
    lock: RunLock
    repository: RepositoryReads
    deploys: Deploys
    screen: Callable[[Outline], Screen]
    mask: Masking


@dataclass(frozen=True)
class World:
    """The world outside as one person reaches it; ``stop`` ends every child, ``facts`` is the
    sandbox where it is one."""

    tools: Tools
    connection: Connection
    stop: Callable[[], None]
    facts: SandboxFacts | None = None


def key_of(place: Workspace, given: str) -> str:
    """The ticket that a command is about: the one given, the checked-out branch's, else the only
    run there is.

    Raises ``UsageError`` where none can be told.
    """
    if given:
        if not KEY.fullmatch(given):
            raise UsageError(f'"{given}" is not a ticket key', hint="a key looks like SCRUM-95")
        return given
    named = KEY.match(place.repository.current_branch())
    if named:
        return named.group()
    runs = place.journal.runs()
    if len(runs) == 1:
        return runs[0]
    raise UsageError(
        "which ticket?",
        where=f"branch {place.repository.current_branch()}",
        hint=f"name one: {', '.join(runs) or 'SCRUM-95'}",
    )


def outline_of(place: Workspace, run: str, note: str, events: tuple[Event, ...] = ()) -> Outline:
    """The plan as screens want it; summary and branch come from what the run has recorded."""
    products = {
        event.entry: event.product for event in events if event.type == "recorded" and event.product
    }
    by_step = {entry.step.name: products.get(entry.name) or {} for entry in place.plan.entries}
    past: dict[str, list[float]] = {}
    for event in (
        one for key in place.journal.runs() if key != run for one in place.journal.events(key)
    ):
        if event.type == "recorded" and event.by == "make":
            past.setdefault(event.entry, []).append(event.duration_s)
    return Outline(
        ticket=run,
        summary=str(by_step.get("ticket", {}).get("summary", "")),
        connect_note=note,
        branch=str(by_step.get("branch", {}).get("name", "")),
        phases=tuple(
            PhaseLine(phase, tuple(_lines(place, phase, past))) for phase in place.plan.phases
        ),
    )


def _lines(place: Workspace, phase: str, past: Mapping[str, list[float]]) -> list[EntryLine]:
    paths = {spec.name: spec.path for group in place.pipeline.groups for spec in group}
    return [
        EntryLine(
            number=entry.step.number,
            name=entry.name,
            title=entry.step.title,
            required=entry.required,
            hands_over=entry.step.hands_over,
            group=str(entry.group) if len(place.plan.groups[entry.group]) > 1 else "",
            where=place.pipeline.source.where(paths[entry.name]),
            past_s=tuple(past.get(entry.name, ())),
        )
        for entry in place.plan.entries
        if entry.phase == phase
    ]
