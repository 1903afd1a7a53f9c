"""The runner's side of the journal: makes events, appends them durably, folds them into the state,
and only then shows them.

After a signal only ``wrote`` (and the closing event) is still recorded: what was measured while
stopping is no measurement.
"""

import threading
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Callable, Iterator, Sequence

from devflow.engine.fold import RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.proxies import Meant
from devflow.engine.standing import Needs
from devflow.model.checks import Check, Status
from devflow.model.errors import DevflowError
from devflow.model.events import (
    Broke,
    Closed,
    Doubtful,
    Event,
    Intent,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value
from devflow.ports.clock import Clock
from devflow.ports.journal import Journal

Listener = Callable[[Event], None]


class Stopped(Exception):
    """The run is being stopped; nothing more is recorded."""


class Ledger:
    """Everything that happens to a run goes through here, one event at a time."""

    def __init__(
        self,
        plan: Plan,
        run: str,
        journal: Journal,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.run, self.needs, self.stop = run, Needs(plan), threading.Event()
        self.state = RunState(journal.events(run))
        self._plan, self._journal, self._clock, self._listeners = (
            plan,
            journal,
            clock,
            tuple(listeners),
        )
        self._entries = {entry.name: entry for entry in plan.entries}
        self._lock = threading.RLock()
        self._began: dict[str, datetime] = {}
        self._writing = 0
        self._idle = threading.Condition(self._lock)

    def entry(self, name: str) -> Entry:
        """The plan's entry of that name."""
        return self._entries[name]

    def now(self) -> datetime:
        """The time that events carry."""
        return self._clock.now()

    def emit(self, event: Event) -> None:
        """Durable before folded, folded before shown. Raises ``Stopped`` after a signal,
        ``StorageFailed`` where the disk fails."""
        with self._lock:
            if self.stop.is_set() and not isinstance(event, (Wrote, Closed)):
                raise Stopped
            if not isinstance(event, Tick):
                self._journal.append(event)
                self.state.seen(event)
            for listener in self._listeners:
                listener(event)

    def sayer(self, entry: Entry) -> Callable[..., None]:
        """The ``say`` of a turn."""

        def say(text: str, done: int | None = None, total: int | None = None) -> None:
            self.emit(
                Tick(
                    at=self.now(), run=self.run, entry=entry.name, text=text, done=done, total=total
                )
            )

        return say

    def started(self, entry: Entry, made_from: str, attempt: int) -> None:
        """An entry's ``make`` begins."""
        at = self._began[entry.name] = self.now()
        round_ = self.state.of(entry.name).round
        self.emit(
            Started(
                at=at,
                run=self.run,
                entry=entry.name,
                fingerprint=made_from,
                round=round_,
                attempt=attempt,
            )
        )

    def recorded(
        self,
        entry: Entry,
        made_from: str,
        product: Value,
        judged: tuple[Status, tuple[Check, ...], str],
    ) -> None:
        """An entry came to a product."""
        status, checks, by = judged
        body = product.model_dump(mode="json")
        self._record(entry, made_from, product=body, checks=checks, status=status, by=by)

    def absent(self, entry: Entry, made_from: str, absent: Absent) -> None:
        """An entry came to an absence; one that was only handed on, and is the same as before, is
        not said twice."""
        record = self.state.of(entry.name).record
        same = record is not None and record.absent == absent and record.fingerprint == made_from
        if not same or entry.name in self._began:
            self._record(entry, made_from, absent=absent, status=Status(absent.kind), by="make")

    def _record(self, entry: Entry, made_from: str, **what: Any) -> None:
        now = self.now()
        took_s = (now - self._began.pop(entry.name, now)).total_seconds()
        self.emit(
            Recorded(
                at=now,
                run=self.run,
                entry=entry.name,
                step=entry.step.name,
                fingerprint=made_from,
                round=self.state.of(entry.name).round,
                duration_s=took_s,
                **what,
            )
        )

    def waited(self, entry: Entry, made_from: str, waiting: Waiting) -> None:
        """An entry waits."""
        round_ = self.state.of(entry.name).round
        self.emit(
            Waited(
                at=self.now(),
                run=self.run,
                entry=entry.name,
                fingerprint=made_from,
                round=round_,
                waiting=waiting,
            )
        )

    def sent_back(self, entry: Entry, send_back: SendBack) -> int:
        """A new round for every entry from the target to the sender; answers the round's number."""
        round_ = self.state.of(send_back.to).round + 1
        names = tuple(one.name for one in self._plan.between(send_back.to, entry.name))
        self.emit(
            SentBack(
                at=self.now(),
                run=self.run,
                entry=entry.name,
                send_back=send_back,
                entries=names,
                round=round_,
            )
        )
        return round_

    def broke(
        self,
        entry: Entry,
        made_from: str,
        said: tuple[Status, int, str],
        *,
        error: DevflowError | None = None,
        trace: str = "",
    ) -> None:
        """An entry raised."""
        status, exit_code, message = said
        self._began.pop(entry.name, None)
        self.emit(
            Broke(
                at=self.now(),
                run=self.run,
                entry=entry.name,
                fingerprint=made_from,
                status=status,
                exit_code=exit_code,
                message=message,
                hint=error.hint if error else "",
                where=error.where if error else "",
                trace=trace,
            )
        )

    def writes(self, entry: Entry, made_from: str, attempt: int) -> "EntryWrites":
        """Where an entry's recording proxy tells of its writes."""
        return EntryWrites(self, entry.name, made_from, attempt)

    @contextmanager
    def write_under_way(self) -> Iterator[None]:
        """Counts a write that must be let finish when the run is stopped."""
        with self._lock:
            self._writing += 1
        try:
            yield
        finally:
            with self._lock:
                self._writing -= 1
                self._idle.notify_all()

    def drain(self, timeout_s: float) -> bool:
        """Waits until no write is under way; False where one still is after the time."""
        with self._lock:
            return self._idle.wait_for(lambda: self._writing == 0, timeout_s)


class EntryWrites:
    """One attempt's writes, as events."""

    def __init__(self, ledger: Ledger, entry: str, made_from: str, attempt: int) -> None:
        self._ledger, self._entry, self._made_from, self._attempt = (
            ledger,
            entry,
            made_from,
            attempt,
        )

    @contextmanager
    def write(self, meant: Meant) -> Iterator[None]:
        """Intent, durable before the effect; wrote, when it has returned."""
        self._ledger.emit(
            Intent(
                at=self._ledger.now(),
                run=self._ledger.run,
                entry=self._entry,
                fingerprint=self._made_from,
                attempt=self._attempt,
                port=meant.port,
                verb=meant.verb,
                target=meant.target,
                key=meant.key,
                repeatable=meant.repeatable,
            )
        )
        with self._ledger.write_under_way():
            yield
            self._ledger.emit(
                Wrote(at=self._ledger.now(), run=self._ledger.run, entry=self._entry, key=meant.key)
            )

    def doubtful(self, meant: Meant) -> None:
        """The outcome of a write that cannot be repeated is unknown."""
        self._ledger.emit(
            Doubtful(
                at=self._ledger.now(),
                run=self._ledger.run,
                entry=self._entry,
                port=meant.port,
                verb=meant.verb,
                target=meant.target,
                key=meant.key,
            )
        )
