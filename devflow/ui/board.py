"""What the screens know of a run: a pure fold over its events, small enough to be drawn at any
moment.

It is not the engine's state: nothing here says whether an entry stands, only what was last heard of
it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Iterable, Mapping, assert_never

from devflow.model.checks import Check, Status, why
from devflow.model.events import (
    Broke,
    Closed,
    Doubtful,
    Event,
    Intent,
    Opened,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.outcomes import SendBack, Waiting
from devflow.ui.outline import Outline
from devflow.ui.words import is_web_link


@dataclass(frozen=True)
class EntryState:
    """What was last heard of one entry.

    ``since`` is when its status began, ``at`` where it broke, ``sent_by`` the entry that sent it
    back; ``preview`` are checks that a look found just now and that nobody has recorded.
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
    hint: str = ""
    at: str = ""
    waiting: Waiting | None = None
    sent_by: str = ""
    sent_back: SendBack | None = None
    doubtful: tuple[str, ...] = ()
    preview: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Board:
    """The run at one moment. ``waited_s`` counts the closed waits; ``wait_began`` is set while an
    entry waits or no command runs: between two commands it is a person's turn."""

    entries: Mapping[str, EntryState] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    began: datetime | None = None
    last: datetime | None = None
    waited_s: float = 0.0
    wait_began: datetime | None = None
    exit_code: int | None = None
    why: str = ""

    def entry(self, name: str) -> EntryState:
        """What is known of the entry; an unheard one is pending."""
        return self.entries.get(name, EntryState())

    def previewing(self, name: str, checks: tuple[Check, ...]) -> "Board":
        """The board with what a look at one entry found just now."""
        return replace(
            self, entries={**self.entries, name: replace(self.entry(name), preview=checks)}
        )

    def after(self, event: Event) -> "Board":
        """The board once this event has been heard."""
        board = replace(
            self, entries=_entries_after(self, event), began=self.began or event.at, last=event.at
        )
        if isinstance(event, Closed):
            board = replace(board, exit_code=event.exit_code, why=event.why)
        elif isinstance(event, Opened):
            board = replace(board, exit_code=None, why="")
        elif isinstance(event, Recorded) and event.product is not None:
            board = replace(board, links={**self.links, **_links(event.entry, event.product)})
        if isinstance(event, Opened) and self.exit_code is None and self.wait_began is None:
            # the command before was killed, and nothing has run since it was last heard of
            board = replace(board, wait_began=self.last)
        return _count_waits(board, event.at)

    def elapsed_s(self, now: datetime) -> float:
        """Seconds since the run began; while a command works, up to now, else up to its last event."""
        return (self._end(now) - self.began).total_seconds() if self.began else 0.0

    def all_waits_s(self, now: datetime) -> float:
        """Seconds in which at least one entry waited, or no command ran."""
        return self.waited_s + (
            (self._end(now) - self.wait_began).total_seconds() if self.wait_began else 0.0
        )

    def _end(self, now: datetime) -> datetime:
        return self.last if self.exit_code is not None and self.last else now


def board_of(events: Iterable[Event]) -> Board:
    """The board after all these events."""
    board = Board()
    for event in events:
        board = board.after(event)
    return board


def count(board: Board, outline: Outline, *statuses: Status) -> int:
    """How many of the plan's entries have one of these statuses."""
    return sum(board.entry(line.name).status in statuses for line in outline.entries)


def _count_waits(board: Board, at: datetime) -> Board:
    waits = board.exit_code is not None or any(
        state.status is Status.WAITING for state in board.entries.values()
    )
    if waits and board.wait_began is None:
        return replace(board, wait_began=at)
    if not waits and board.wait_began is not None:
        return replace(
            board,
            wait_began=None,
            waited_s=board.waited_s + (at - board.wait_began).total_seconds(),
        )
    return board


def _entries_after(board: Board, event: Event) -> Mapping[str, EntryState]:
    match event:
        case Opened() | Closed():
            return {name: _stopped(state) for name, state in board.entries.items()}
        case SentBack():
            return {**board.entries, **{name: _sent_back(event, name) for name in event.entries}}
        case Intent() | Wrote():
            return board.entries
        case Started() | Recorded() | Waited() | Broke() | Tick() | Doubtful():
            return {**board.entries, event.entry: _entry_after(board.entry(event.entry), event)}
        case _:
            assert_never(event)


def _entry_after(
    old: EntryState, event: Started | Recorded | Waited | Broke | Tick | Doubtful
) -> EntryState:
    kept = EntryState(
        since=event.at,
        sent_by=old.sent_by,
        sent_back=old.sent_back,
        doubtful=old.doubtful,
        round=old.round,
    )
    match event:
        case Started():
            return replace(kept, status=Status.RUNNING, round=event.round, waiting=old.waiting)
        case Tick():
            since = old.since if old.status is Status.RUNNING else event.at
            return replace(
                old,
                status=Status.RUNNING,
                since=since,
                fact=event.text,
                done=event.done,
                total=event.total,
            )
        case Recorded():
            cause = event.absent.why if event.absent else why(event.checks)
            known = replace(
                kept,
                status=event.status,
                checks=event.checks,
                why=cause,
                sent_by="",
                sent_back=None,
            )
            # a deferred gate still waits, and the same commands open it
            waiting = old.waiting if event.status is Status.DEFERRED else None
            return replace(known, duration_s=event.duration_s, round=event.round, waiting=waiting)
        case Waited():
            # asked again and again while it waits: the wait began with the first
            since = old.since if old.status is Status.WAITING else event.at
            return replace(
                kept, status=Status.WAITING, since=since, round=event.round, waiting=event.waiting
            )
        case Broke():
            spent_s = (
                (event.at - old.since).total_seconds()
                if old.status is Status.RUNNING and old.since
                else None
            )
            broken = replace(
                kept, status=event.status, why=event.message, hint=event.hint, at=event.where
            )
            return replace(broken, duration_s=spent_s)
        case Doubtful():
            return replace(
                old, doubtful=(*old.doubtful, f"{event.port} {event.verb}: {event.target}")
            )
        case _:
            assert_never(event)


def _stopped(state: EntryState) -> EntryState:
    """An entry that was running when its command ended, however it ended, is to be made again."""
    return (
        replace(state, status=Status.PENDING, fact="", done=None, total=None)
        if state.status is Status.RUNNING
        else state
    )


def _sent_back(event: SentBack, name: str) -> EntryState:
    sent = event.send_back if name == event.send_back.to else None
    return EntryState(
        round=event.round, since=event.at, sent_by=event.entry if sent else "", sent_back=sent
    )


def _links(entry: str, product: Mapping[str, Any]) -> dict[str, str]:
    """The web addresses that a product names: its own ``url``, and those of the services that it
    says are running."""
    found = {entry: product.get("url")}
    services = product.get("services")
    for service in services if isinstance(services, (list, tuple)) else ():
        if isinstance(service, Mapping):
            found[f"{entry} {service.get('service', '')}"] = service.get("url")
    return {name: url for name, url in found.items() if isinstance(url, str) and is_web_link(url)}
