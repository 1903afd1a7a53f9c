"""How far a run is, counted: what a prompt shows, kept up entry by entry."""

from collections import Counter
from typing import Final, Iterable

from devflow.model.checks import Status
from devflow.model.summary import State, Summary
from devflow.ui.board import Board
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.phrases import FAILING, MISSING, SETTLED, was_interrupted

# what somebody must see to, or what is going on
_CALLING: Final = (*FAILING, Status.WAITING, Status.RUNNING, Status.DEFERRED)


class _Phase:
    """How many entries of a phase call for somebody, and how many are not through."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calling = 0
        self.open = 0

    def count(self, line: EntryLine, status: Status, by: int) -> None:
        may_lack = status in MISSING and not line.required
        self.calling += by * (status in _CALLING)
        self.open += by * (status not in SETTLED and not may_lack)


class Tally:
    """The entries of a plan by their status, overall and in each phase."""

    def __init__(self, outline: Outline, board: Board) -> None:
        self._board = board
        self._phases: list[_Phase] = []
        self._places: dict[str, tuple[_Phase, EntryLine]] = {}
        self._counted: dict[str, Status] = {}
        self._statuses: Counter[Status] = Counter()
        self._lacking = 0
        for phase_line in outline.phases:
            phase = _Phase(phase_line.name)
            self._phases.append(phase)
            for line in phase_line.entries:
                self._places[line.name] = (phase, line)
        self.hear(board, self._places)

    def hear(self, board: Board, names: Iterable[str]) -> None:
        """Counts these entries, and no others, as they are on the board now."""
        self._board = board
        for name in names:
            if name in self._places:
                # a command that is killed before it comes to an entry leaves it as it was
                self._recount(name, board.at_last(name).status)

    def _recount(self, name: str, status: Status) -> None:
        before = self._counted.get(name)
        if before is not None:
            self._count(name, before, -1)
        self._counted[name] = status
        self._count(name, status, 1)

    def _count(self, name: str, status: Status, by: int) -> None:
        phase, line = self._places[name]
        phase.count(line, status, by)
        self._statuses[status] += by
        self._lacking += by * (line.required and status in MISSING)

    def state(self, *, running: bool) -> State:
        """How the run stands: what runs first, then what needs mending, then what waits; ``done``
        only when nothing does."""
        total = len(self._places)
        has_past = bool(self._board.outdated or self._board.damage)
        if running:
            return "running"
        if was_interrupted(self._board):
            return "interrupted"
        if self._statuses[Status.PENDING] == total and not has_past:
            return "new"
        if self._sum(FAILING):
            return "failed"
        if self._lacking:
            return "blocked"
        return "done" if self._sum((*SETTLED, *MISSING)) == total else "waiting"

    def summary(self, made_from: str = "", project: str = "") -> Summary:
        """What one line says of the run while nobody works on it."""
        return Summary(
            made_from=made_from,
            project=project,
            state=self.state(running=False),
            settled=self._sum(SETTLED),
            total=len(self._places),
            phase=self._open_phase(),
        )

    def _open_phase(self) -> str:
        """The phase that somebody must see to, else the first that is not through."""
        calling = [phase.name for phase in self._phases if phase.calling]
        unfinished = [phase.name for phase in self._phases if phase.open]
        return next(iter((*calling, *unfinished)), "")

    def _sum(self, statuses: Iterable[Status]) -> int:
        return sum(self._statuses[status] for status in statuses)
