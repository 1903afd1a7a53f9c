"""A run as its own command hears of it: what of it is outdated, and what one line says of it, both
kept up event by event.

The line goes into the journal in the transaction of its event, so that `status --short` need not
read the events.
"""

from typing import Collection, Sequence

from devflow.engine.fold import RunState
from devflow.engine.outdated import Outdated
from devflow.engine.plan import Plan
from devflow.model.events import (
    Broke,
    Closed,
    Event,
    Opened,
    Recorded,
    SentBack,
    Waited,
)
from devflow.model.summary import Summary, made_from
from devflow.ports.journal import Journal
from devflow.step import AnyStep
from devflow.ui.board import board_of
from devflow.ui.outline import Outline
from devflow.ui.tally import Tally
from devflow.wiring.outlines import headline
from devflow.wiring.workspace import Workspace


class Heard:
    """Takes each event as the journal will have it."""

    def __init__(self, plan: Plan, outline: Outline, past: Sequence[Event]) -> None:
        self._state = RunState(past)
        self._outdated = Outdated(plan, self._state)
        self._board = board_of(past).without(self._outdated.names)
        self._tally = Tally(outline, self._board)
        self._names = tuple(entry.name for entry in plan.entries)
        self._saying = tuple(entry for entry in plan.entries if entry.step.headline)
        self._head = headline(self._saying, self._state)

    @property
    def outdated(self) -> frozenset[str]:
        """The entries that are to be shown as pending."""
        return self._outdated.names

    @property
    def is_damaged(self) -> bool:
        """Whether the journal of the run is not as it was written."""
        return bool(self._board.damage)

    def hear(self, *events: Event) -> None:
        """Takes in events that are about to be stored."""
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        self._state.seen(event)
        before = self._outdated.names
        entries = self._told_of(event)
        if isinstance(event, (Recorded, Waited, Broke, SentBack)):
            self._outdated.after(entries)
        self._board = self._board.after(event)
        if any(entry.name in entries for entry in self._saying):
            self._head = headline(self._saying, self._state)
        if self._outdated.names is not before:
            self._board = self._board.without(self._outdated.names)
            entries = {*entries, *(before ^ self._outdated.names)}
        self._tally.hear(self._board, entries)

    def summary(self, made_from_: str, project: str) -> Summary:
        """What one line says of the run now."""
        summary = self._tally.summary(made_from_, project)
        if self._board.is_under_way:
            # whoever reads it asks the lock: it stands so where this command has been killed
            summary = summary._replace(state="interrupted")
        return summary._replace(
            outdated="\n".join(sorted(self.outdated)),
            title=self._head.summary,
            branch=self._head.branch,
        )

    def _told_of(self, event: Event) -> Collection[str]:
        match event:
            case Opened() | Closed():
                # what was running when a command ended is pending
                return self._names
            case SentBack():
                return (event.entry, *event.entries)
            case _:
                # the run's own events name no entry
                return (name,) if (name := getattr(event, "entry", "")) else ()


class SummingJournal:
    """The run's journal for its own command: stores each event with what the run comes to by it."""

    def __init__(self, workspace: Workspace, heard: Heard) -> None:
        self._journal: Journal = workspace.journal
        self._heard = heard
        self._project = workspace.plan.project.tracker.project
        self._made_from = made_from("\n".join(workspace.pipeline.source.lines))
        # what else another package's step depends on, nobody can tell
        self._is_known = all(_is_ours(entry.step) for entry in workspace.plan.entries)

    def events(self, run: str) -> Sequence[Event]:
        """As the port says."""
        return self._journal.events(run)

    def runs(self) -> tuple[str, ...]:
        """As the port says."""
        return self._journal.runs()

    def append(self, *events: Event, summary: Summary | None = None) -> None:
        """As the port says."""
        self._heard.hear(*events)
        if self._is_known and not self._heard.is_damaged:
            summary = self._heard.summary(self._made_from, self._project)
        self._journal.append(*events, summary=summary)


def as_written(plan: Plan) -> Plan:
    """The plan as `status` has it, also where `ship --as-pushed` runs another."""
    groups = []
    for group in plan.groups:
        groups.append(tuple(entry.as_written or entry for entry in group))
    return Plan(tuple(groups), plan.phases, plan.project)


def _is_ours(step: AnyStep) -> bool:
    return step.params.__module__.split(".")[0] == "devflow"
