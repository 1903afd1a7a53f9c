"""A run as its own command hears of it: what of it is outdated, and what one line says of it, both
kept up event by event.

The line goes into the journal in the transaction of its event, so that `status --short` need not
read the events.
"""

from typing import Callable, Collection, Sequence

from devflow.engine.fold import RunState
from devflow.engine.outdated import Outdated
from devflow.engine.plan import Plan
from devflow.model.events import EVENT, Closed, Event, Opened, SentBack
from devflow.model.masking import masked_json
from devflow.model.summary import Summary, made_from
from devflow.ports.journal import Journal
from devflow.step import AnyStep
from devflow.ui.board import board_of
from devflow.ui.outline import Outline
from devflow.ui.tally import Tally
from devflow.wiring.outlines import headline
from devflow.wiring.workspace import Workspace


class Heard:
    """Takes each event as the journal will have it: without secrets."""

    def __init__(
        self, plan: Plan, outline: Outline, past: Sequence[Event], mask: Callable[[str], str] = str
    ) -> None:
        self._mask = mask
        self._state = RunState(past)
        self._outdated = Outdated(plan, self._state)
        self._board = board_of(past).without(self._outdated.names)
        self._tally = Tally(outline, self._board)
        self._names = tuple(entry.name for entry in plan.entries)
        self._saying = tuple(entry for entry in plan.entries if entry.step.headline)
        self._head = headline(self._saying, self._state)
        self._newest: tuple[Event, Event] | None = None

    @property
    def outdated(self) -> frozenset[str]:
        """The entries that are to be shown as pending."""
        return self._outdated.names

    @property
    def is_damaged(self) -> bool:
        """Whether the journal of the run is not as it was written."""
        return bool(self._board.damage)

    def hear(self, event: Event) -> Event:
        """Takes in an event that is about to be stored; answers it without secrets."""
        masked = self.masked(event)
        self._newest = (event, masked)
        self._state.seen(masked)
        before = self._outdated.names
        entries = self._told_of(masked)
        self._outdated.after(entries)
        outdated_now = self._outdated.names
        self._board = self._board.after(masked).without(outdated_now)
        if any(entry.name in entries for entry in self._saying):
            self._head = headline(self._saying, self._state)
        self._tally.hear(self._board, {*entries, *(before ^ outdated_now)})
        return masked

    def masked(self, event: Event) -> Event:
        """The event without secrets."""
        if self._newest is not None and self._newest[0] is event:
            return self._newest[1]
        text = event.model_dump_json()
        masked = masked_json(text, self._mask)
        return event if masked == text else EVENT.validate_json(masked)

    def summary(self, made_from_: str, project: str) -> Summary:
        """What one line says of the run now."""
        return self._tally.summary(made_from_, project)._replace(
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

    def append(self, event: Event, summary: Summary | None = None) -> None:
        """As the port says."""
        masked = self._heard.hear(event)
        if self._is_known and not self._heard.is_damaged:
            summary = self._heard.summary(self._made_from, self._project)
        self._journal.append(masked, summary)


def as_written(plan: Plan) -> Plan:
    """The plan as `status` has it, also where `ship --as-pushed` runs another."""
    groups = []
    for group in plan.groups:
        groups.append(tuple(entry.as_written or entry for entry in group))
    return Plan(tuple(groups), plan.phases, plan.project)


def _is_ours(step: AnyStep) -> bool:
    return step.params.__module__.split(".")[0] == "devflow"
