"""A phase as its folded line shows it: one status for all its entries, one fact, one time."""

from dataclasses import dataclass
from typing import Final

from devflow.model.checks import Check, Status
from devflow.model.times.spans import wall_s
from devflow.ui.board import Board, EntryState
from devflow.ui.evidence import phrase, shown_checks
from devflow.ui.outline import PhaseLine
from devflow.ui.phrases import (
    FAILING,
    MISSING,
    SETTLED,
    name_wording,
    newest_fact,
    was_interrupted,
    with_dots,
)

# what needs somebody first, then what runs, then what lacks something or waits
_FOREMOST: Final = (FAILING, (Status.RUNNING,), MISSING, (Status.WAITING,), (Status.DEFERRED,))


@dataclass(frozen=True)
class PhaseState:
    """What was last heard of a phase's entries; ``names`` and ``entries`` are in their order;
    ``is_under_way``: no command over them was interrupted."""

    names: tuple[str, ...]
    entries: tuple[EntryState, ...]
    is_under_way: bool = True

    @classmethod
    def of(cls, phase: PhaseLine, board: Board) -> "PhaseState":
        """A phase of the plan as the board has it."""
        names = tuple(line.name for line in phase.entries)
        return cls(names, tuple(map(board.entry, names)), not was_interrupted(board))

    @property
    def status(self) -> Status:
        """What needs somebody first, then what runs; passed once all is settled.

        Through in part counts as running, also where nothing of it runs just now, but as pending
        after a command that was interrupted.
        """
        statuses = [state.status for state in self.entries]
        for group in _FOREMOST:
            for status in statuses:
                if status in group:
                    return status
        settled = self.settled
        if settled == 0:
            return Status.PENDING
        if settled < len(statuses):
            return Status.RUNNING if self.is_under_way else Status.PENDING
        is_skipped = set(statuses) == {Status.SKIPPED}
        return Status.SKIPPED if is_skipped else Status.PASSED

    @property
    def settled(self) -> int:
        """How many of the entries are through."""
        return sum(state.status in SETTLED for state in self.entries)

    @property
    def has_preview(self) -> bool:
        """True where a look has just found something in one of its entries."""
        return any(state.preview for state in self.entries)

    def fact(self) -> str:
        """What the folded line says: what is to come, or what the phase is remembered by."""
        if all(state.status is Status.PENDING for state in self.entries):
            return " · ".join(map(name_wording, self.names))
        skipped = sum(state.status is Status.SKIPPED for state in self.entries)
        skips = f"{skipped} skipped" if skipped else ""
        return with_dots(skips, self._weightiest_fact())

    def _weightiest_fact(self) -> str:
        """The entry that kept most limits is remembered, of several the one that worked longest."""
        weightiest = max(self.entries, key=_weight)
        limits = " · ".join(map(phrase, _kept_limits(weightiest)))
        return limits or newest_fact(weightiest)

    def span_s(self) -> float:
        """How long it took: entries that ran side by side count once, by their wall time."""
        spans = []
        for state in self.entries:
            if state.since is not None and state.duration_s:
                end = state.since.timestamp()
                spans.append((end - state.duration_s, end))
        return wall_s(spans)


def _weight(state: EntryState) -> tuple[int, float]:
    return len(_kept_limits(state)), state.duration_s or 0.0


def _kept_limits(state: EntryState) -> list[Check]:
    return [check for check in shown_checks(state) if check.ok and check.limit]
