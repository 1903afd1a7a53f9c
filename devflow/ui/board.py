"""What the screens know of a run: a pure fold over its events, small enough to be drawn at any
moment.

It is not the engine's state: it knows what was last heard of an entry, and is told which of that is
outdated.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Iterable, Mapping, assert_never

from devflow.model.canary import Canary, canary_in
from devflow.model.checks import Check, Status, why
from devflow.model.command_line import command_line
from devflow.model.events import (
    Broke,
    Closed,
    Damaged,
    Doubtful,
    Event,
    Intent,
    Looked,
    Opened,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.outcomes import SendBack, Waiting
from devflow.model.times.waits import Waits
from devflow.model.wording import told_apart
from devflow.ui.addresses import Addresses
from devflow.ui.layered import Layered

INTERRUPTED: Final = f"interrupted: {command_line('ship')}"
# every other status is asked about again by the next command
_OF_NOW: Final = (Status.PENDING, Status.RUNNING, Status.PASSED, Status.SKIPPED)
HeardEvent = (
    Opened
    | Closed
    | Started
    | Intent
    | Wrote
    | Doubtful
    | Looked
    | Recorded
    | Waited
    | SentBack
    | Broke
    | Tick
)


@dataclass(frozen=True)
class EntryState:
    """What was last heard of one entry.

    ``since`` is when its status began, ``at`` where it broke, ``sent_by`` the entry that sent it
    back; ``output`` are the lines behind the first one of what went wrong, such as a program's own
    last ones; ``preview`` are checks that a look found just now and that nobody has recorded;
    ``refused_by`` is who said no; ``exit_code`` that of what broke; ``looked_at`` is when it was
    last seen to be so; ``canary`` what it watches, or came to.
    """

    status: Status = Status.PENDING
    since: datetime | None = None
    round: int = 1
    fact: str = ""
    done: int | None = None
    total: int | None = None
    checks: tuple[Check, ...] = ()
    duration_s: float | None = None
    why: str = ""
    output: tuple[str, ...] = ()
    hint: str = ""
    at: str = ""
    exit_code: int = 0
    waiting: Waiting | None = None
    refused_by: str = ""
    sent_by: str = ""
    sent_back: SendBack | None = None
    doubtful: tuple[str, ...] = ()
    preview: tuple[Check, ...] = ()
    looked_at: datetime | None = None
    canary: Canary | None = None


@dataclass(frozen=True)
class Board:
    """The run at one moment. ``waited_s`` counts the closed waits; ``wait_began`` is set while an
    entry waits or no command runs: between two commands it is a person's turn, but for a run that
    was through, since ``done_at``: ``idle_s`` is no part of its time. ``outdated`` are the
    entries of which something was heard that is not of now any more, ``damage`` what the journal
    has lost; ``asked_again`` those that waited or were not well before the newest command, which
    has not come to them yet; ``opened`` is when that command began, ``looked_at`` when one last
    looked at anything. ``is_under_way``: the newest command has not said its end; ``interrupted``:
    it never will."""

    entries: Mapping[str, EntryState] = field(default_factory=dict)
    addresses: Addresses = Addresses()
    began: datetime | None = None
    last: datetime | None = None
    waited_s: float = 0.0
    wait_began: datetime | None = None
    done_at: datetime | None = None
    idle_s: float = 0.0
    exit_code: int | None = None
    why: str = ""
    outdated: frozenset[str] = frozenset()
    asked_again: frozenset[str] = frozenset()
    damage: tuple[Damaged, ...] = ()
    waits: Waits = Waits()
    opened: datetime | None = None
    looked_at: datetime | None = None
    is_under_way: bool = False
    interrupted: bool = False

    def entry(self, name: str) -> EntryState:
        """What is known of the entry; an unheard one is pending, and so are an outdated one and one
        that is about to be asked again: what it said before is not said as if it were of now."""
        if name in self.asked_again and name not in self.outdated:
            return _withdrawn(self.heard(name), "looked at again now")
        return self.at_last(name)

    def at_last(self, name: str) -> EntryState:
        """What is known of the entry, also of one that is about to be asked again."""
        state = self.heard(name)
        return _withdrawn(state) if name in self.outdated else state

    def without(self, outdated: frozenset[str]) -> "Board":
        """The board on which exactly these entries are outdated."""
        return replace(self, outdated=outdated)

    def heard(self, name: str) -> EntryState:
        """What was last heard of the entry, outdated or not."""
        return self.entries.get(name, EntryState())

    def previewing(self, name: str, checks: tuple[Check, ...]) -> "Board":
        """The board with what a look at one entry found just now."""
        state = replace(self.heard(name), preview=checks)
        return replace(self, entries={**self.entries, name: state})

    def after(self, event: Event) -> "Board":
        """The board once this event has been heard."""
        if isinstance(event, Damaged):
            return self._damaged(event)
        waits = self.waits.after(event)
        times: dict[str, Any] = {"began": self.began or event.at, "last": event.at}
        board = self._with(_changes(self, event), waits=waits, **times)
        match event:
            case Closed():
                board = _closed(board, event)
            case Opened():
                board = _opened(board, self, event)
            case Looked():
                board = replace(board, looked_at=event.at)
            case Recorded() if event.product is not None:
                board = replace(board, looked_at=event.at)
                addresses = self.addresses.after(event.entry, event.product)
                board = replace(board, addresses=addresses)
        return _count_waits(board, event.at)

    def seen_before(self, name: str) -> bool:
        """Whether the newest command has not looked at an entry that passed before it."""
        state = self.entry(name)
        if state.status is not Status.PASSED or self.opened is None:
            return False
        return state.looked_at is None or state.looked_at < self.opened

    def at_rest(self) -> "Board":
        """The board where nobody holds the run's lock: a command that has not said its end will
        say none."""
        if not self.is_under_way:
            return self
        board = self._with(_stopped_entries(self), why=INTERRUPTED, interrupted=True)
        board = replace(board, asked_again=frozenset())
        # nothing has run since it was last heard of
        return replace(board, wait_began=board.wait_began or board.last)

    def _damaged(self, event: Damaged) -> "Board":
        """What was heard before a gap is shown as pending: anything may have followed."""
        board = replace(self, damage=(*self.damage, event), waits=self.waits.after(event))
        if not event.is_gap:
            return board
        heard = self.entries.items()
        return board._with({name: _withdrawn(_stopped(state)) for name, state in heard})

    def _with(self, changes: Mapping[str, EntryState], **fields: Any) -> "Board":
        if not changes:
            return replace(self, **fields)
        return replace(
            self,
            entries=Layered.of(self.entries, changes),
            asked_again=self.asked_again.difference(changes),
            **fields,
        )

    def elapsed_s(self, now: datetime) -> float:
        """Seconds since the run began; while a command works up to now, else to its last event. The
        time between a run's end and a later command is no part of it."""
        return self._seconds_since(self.began, now) - self.idle_s

    def all_waits_s(self, now: datetime) -> float:
        """Seconds in which at least one entry waited, or no command ran."""
        return self.waited_s + self._seconds_since(self.wait_began, now)

    def _seconds_since(self, moment: datetime | None, now: datetime) -> float:
        if moment is None:
            return 0.0
        end = now
        if self.exit_code is not None and self.last is not None:
            end = self.last
        return (end - moment).total_seconds()


def board_of(events: Iterable[Event]) -> Board:
    """The board after all these events."""
    board = Board()
    for event in events:
        board = board.after(event)
    return board


def _closed(board: Board, event: Closed) -> Board:
    # every end of a command but a run's says why
    is_done = event.exit_code == 0 and not event.why
    return replace(
        board,
        exit_code=event.exit_code,
        why=told_apart(event.why)[0],
        is_under_way=False,
        # what was not come to is as it was
        asked_again=frozenset(),
        done_at=event.at if is_done else None,
    )


def _opened(board: Board, before: Board, event: Opened) -> Board:
    unsettled = (name for name, one in board.entries.items() if one.status not in _OF_NOW)
    board = replace(board, asked_again=frozenset(unsettled), is_under_way=True)
    board = replace(board, exit_code=None, why="", opened=event.at)
    if before.done_at is not None:
        idle_s = (event.at - before.done_at).total_seconds()
        return replace(board, done_at=None, idle_s=board.idle_s + idle_s)
    if before.exit_code is None and before.wait_began is None:
        # the command before was killed: nothing has run since it was last heard of
        return replace(board, wait_began=before.last)
    return board


def _count_waits(board: Board, at: datetime) -> Board:
    began = board.wait_began
    is_somebodys_turn = board.exit_code is not None and board.done_at is None
    if is_somebodys_turn or board.waits.open:
        # one that has begun goes on
        return board if began else replace(board, wait_began=at)
    if began is None:
        return board
    waited_s = board.waited_s + (at - began).total_seconds()
    return replace(board, wait_began=None, waited_s=waited_s)


def _changes(board: Board, event: HeardEvent) -> dict[str, EntryState]:
    """The entries of which the event tells something, as they are after it."""
    match event:
        case Opened() | Closed():
            return _stopped_entries(board)
        case SentBack():
            return {name: _sent_back(event, name) for name in event.entries}
        case Intent() | Wrote():
            return {}
        case Looked():
            return {name: replace(board.heard(name), looked_at=event.at) for name in event.entries}
        case Started() | Recorded() | Waited() | Broke() | Tick() | Doubtful():
            return {event.entry: _entry_after(board.heard(event.entry), event)}
        case _:
            assert_never(event)


def _entry_after(
    old: EntryState, event: Started | Recorded | Waited | Broke | Tick | Doubtful
) -> EntryState:
    match event:
        case Started():
            waiting = old.waiting
            fresh = _fresh(old, event.at)
            return replace(fresh, status=Status.RUNNING, round=event.round, waiting=waiting)
        case Tick():
            return _after_tick(old, event)
        case Recorded():
            return _after_record(old, event)
        case Waited():
            return _after_wait(old, event)
        case Broke():
            return _after_break(old, event)
        case Doubtful():
            write = f"{event.port} {event.verb}: {event.target}"
            return replace(old, doubtful=(*old.doubtful, write))
        case _:
            assert_never(event)


def _fresh(old: EntryState, since: datetime | None) -> EntryState:
    """What outlives a change of status: the round, who sent the entry back, what is in doubt."""
    return EntryState(
        since=since,
        sent_by=old.sent_by,
        sent_back=old.sent_back,
        doubtful=old.doubtful,
        round=old.round,
    )


def _withdrawn(state: EntryState, what_now: str = "to be made again") -> EntryState:
    """An entry of which nothing stands: of what it came to nothing is shown but the word."""
    if state.status in (Status.PENDING, Status.RUNNING):
        return state
    why_pending = f"{state.status.public} before, {what_now}"
    return replace(_fresh(state, state.since), why=why_pending, preview=state.preview)


def _after_tick(old: EntryState, event: Tick) -> EntryState:
    canary = event.canary or old.canary
    state = replace(old, fact=event.text, done=event.done, total=event.total, canary=canary)
    if old.status is Status.RUNNING:
        return state
    return replace(state, status=Status.RUNNING, since=event.at)


def _after_record(old: EntryState, event: Recorded) -> EntryState:
    cause = event.absent.why if event.absent else why(event.checks)
    # a deferred gate still waits, and the same commands open it
    waiting = old.waiting if event.status is Status.DEFERRED else None
    return EntryState(
        status=event.status,
        since=event.at,
        round=event.round,
        checks=event.checks,
        duration_s=event.duration_s,
        why=cause,
        refused_by=event.absent.by if event.absent else "",
        waiting=waiting,
        doubtful=old.doubtful,
        looked_at=event.at,
        canary=canary_in(event.product or {}),
    )


def _after_wait(old: EntryState, event: Waited) -> EntryState:
    # the event is repeated while the entry waits: the wait began with the first
    since = old.since if old.status is Status.WAITING else event.at
    state = replace(_fresh(old, event.at), since=since, waiting=event.waiting)
    state = replace(state, canary=canary_in(event.waiting.keep))
    return replace(state, status=Status.WAITING, round=event.round)


def _after_break(old: EntryState, event: Broke) -> EntryState:
    duration_s = None
    if old.status is Status.RUNNING and old.since is not None:
        duration_s = (event.at - old.since).total_seconds()
    why, *output = told_apart(event.message)
    return replace(
        _fresh(old, event.at),
        status=event.status,
        duration_s=duration_s,
        why=why,
        output=tuple(output),
        exit_code=event.exit_code,
        hint=event.hint,
        at=event.where,
    )


def _stopped_entries(board: Board) -> dict[str, EntryState]:
    heard = board.entries.items()
    return {name: _stopped(one) for name, one in heard if one.status is Status.RUNNING}


def _stopped(state: EntryState) -> EntryState:
    """An entry that was running when its command ended, however it ended, is to be made again."""
    if state.status is not Status.RUNNING:
        return state
    return replace(state, status=Status.PENDING, fact="", done=None, total=None, canary=None)


def _sent_back(event: SentBack, name: str) -> EntryState:
    state = EntryState(round=event.round, since=event.at)
    if name != event.send_back.to:
        return state
    return replace(state, sent_by=event.entry, sent_back=event.send_back)
