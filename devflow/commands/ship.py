"""`start` and `ship`: runs the plan for one ticket, on a screen, under its lock, until the end, a
gate or a failure."""

import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType
from typing import Any, Callable, Final, Iterator

from devflow.commands.place import SANDBOX_NOTE, Workspace, World, outline_of
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.plan import Entry
from devflow.engine.runner import Ending, Runner
from devflow.model.errors import GateWaiting, RemoteSilent
from devflow.model.marks import Mark
from devflow.model.events import EVENT, Closed, Event, Opened

POLL_S: Final = (
    # s between two looks at a gate with --wait; GitHub allows 5,000 calls an hour, one look takes
    # about 10
    5.0
)
INDEXED_WITHIN_S: Final = (
    60.0  # s; JIRA Cloud's search usually sees a new ticket within a few seconds
)
DRAIN_S: Final = (
    # s that a write under way gets after a signal, within the 2 s that a command may take to end
    1.5
)


def ship(place: Workspace, world: World, run: str, *, start: bool = False, wait: bool = False) -> int:
    """Runs or resumes the ticket; answers the exit code. Raises ``Locked`` or ``StorageFailed``."""
    with place.lock.hold(run):
        past = tuple(place.journal.events(run))
        screen = place.screen(outline_of(place, run, note(world), past))
        screen.replay(past)
        listener = Shown(screen, place.mask)
        ledger = Ledger(place.plan, run, place.journal, world.tools.clock, (listener,))
        with screen, _signals(ledger, world) as heard:
            names = tuple(entry.name for entry in place.plan.entries)
            ledger.emit(
                Opened(
                    at=ledger.now(),
                    run=run,
                    command="start" if start else "ship",
                    entries=names,
                    pid=os.getpid(),
                )
            )
            return _close(
                ledger, world, heard, lambda: _go(place, world, ledger, start=start, wait=wait)
            )


def pushed_only(place: Workspace) -> Workspace:
    """The same place with every step that would take up the working tree told to leave it alone."""

    def told(entry: Entry) -> Entry:
        if "as_pushed" not in type(entry.params).model_fields:
            return entry
        return replace(entry, params=entry.params.model_copy(update={"as_pushed": True}))

    groups = tuple(tuple(told(entry) for entry in group) for group in place.plan.groups)
    return replace(place, plan=replace(place.plan, groups=groups))


def create(world: World, summary: str) -> str:
    """Creates a ticket with this summary, once however often it is said; answers its key."""
    mark = Mark(run="new", entry="ticket", verb="create", slot=summary)
    tracker, clock = world.tools.tracker, world.tools.clock
    tracker.create(summary, mark=mark)
    until = clock.now() + timedelta(seconds=INDEXED_WITHIN_S)
    while not (key := tracker.created(mark)):
        if clock.now() > until:
            raise RemoteSilent(
                "the ticket was created, but a search does not find it yet",
                hint="devflow start KEY",
            )
        clock.sleep(1.0)
    return key


def note(world: World) -> str:
    """The first line of every screen says what it is connected to."""
    connection = world.connection
    if connection.kind == "sandbox":
        return SANDBOX_NOTE
    return f"{connection.tracker.url} · {connection.repository}"


def _go(place: Workspace, world: World, ledger: Ledger, *, start: bool, wait: bool) -> Ending:
    runner = Runner(place.plan, world.tools, ledger)
    while True:
        ending = runner.run(until_hand_over=start)
        if not wait or ending.exit_code != GateWaiting.exit_code:
            return ending
        if ledger.stop.wait(POLL_S):
            raise Stopped


def _close(ledger: Ledger, world: World, heard: list[int], go: Any) -> int:
    try:
        ending: Ending = go()
    except Stopped:
        world.stop()
        ledger.drain(DRAIN_S)
        code = 128 + (heard[0] if heard else signal.SIGINT)
        ledger.emit(
            Closed(
                at=ledger.now(),
                run=ledger.run,
                exit_code=code,
                why="stopped by a signal; the state is saved",
            )
        )
        return code
    ledger.emit(Closed(at=ledger.now(), run=ledger.run, exit_code=ending.exit_code, why=ending.why))
    return ending.exit_code


@contextmanager
def _signals(ledger: Ledger, world: World) -> Iterator[list[int]]:
    """SIGINT and SIGTERM stop the run; the list names the one that was heard."""
    heard: list[int] = []

    def hear(number: int, _: FrameType | None) -> None:
        heard.append(number)
        ledger.stop.set()
        world.stop()

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Shown:
    """Hands events to the screen; a screen that fails (a closed pipe) must not stop the run, and is
    not asked again."""

    def __init__(self, screen: Any, mask: Callable[[str], str]) -> None:
        self._screen, self._mask, self._open = screen, mask, True

    def __call__(self, event: Event) -> None:
        if self._open:
            try:
                self._screen(self._masked(event))
            except BrokenPipeError:
                self._open = False

    def _masked(self, event: Event) -> Event:
        text = event.model_dump_json()
        masked = self._mask(text)
        return event if masked == text else EVENT.validate_json(masked)
