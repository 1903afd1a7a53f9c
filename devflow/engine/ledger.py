"""The runner's side of the journal: makes events, appends them durably, folds them into the state,
and only then shows them.

An entry that passed alone in its group is stored in one transaction with the start of the next one:
nothing is looked at, made or shown in between.

After a signal only ``wrote`` (and the closing event) is still recorded: what was measured while
stopping is no measurement.
"""

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Callable, Final, Iterator, Literal, Self, Sequence

from devflow.engine.fold import RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.proxies import WriteCall
from devflow.engine.standing import Judgement, Situation
from devflow.model.canary import Canary
from devflow.model.checks import Status
from devflow.model.errors import DevflowError, Rejected, StepFailed
from devflow.model.events import (
    EVENT,
    Broke,
    Closed,
    Doubtful,
    Event,
    Intent,
    Looked,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.masking import Mask, masked_json
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value
from devflow.ports.clock import Clock
from devflow.ports.journal import Journal

Listener = Callable[[Event], None]


# the entry whose turn a thread does
ON_TURN: Final = ContextVar("ON_TURN", default="")


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
        self.plan = plan
        self.run = run
        self.stop = threading.Event()
        self.state = RunState(journal.events(run))
        self._journal = journal
        self._clock = clock
        self._listeners = tuple(listeners)
        self._lock = threading.RLock()
        self._idle = threading.Condition(self._lock)
        self._writing = 0
        # folded already, not stored and not shown
        self._held: list[Event] = []
        self._mask: Mask = str
        # when the turn of an entry that has no result yet began, for its duration
        self._began: dict[str, datetime] = {}

    def hiding(self, mask: Mask) -> Self:
        """The same ledger, which takes secrets out of every event before anybody sees it."""
        self._mask = mask
        return self

    def without_secrets(self, product: Value) -> Value:
        """A product as it is recorded: what is compared and judged has to be what a later command
        reads back."""
        text = product.model_dump_json()
        masked = masked_json(text, self._mask)
        return product if masked == text else type(product).model_validate_json(masked)

    def _masked(self, event: Event) -> Event:
        text = event.model_dump_json()
        masked = masked_json(text, self._mask)
        return event if masked == text else EVENT.validate_json(masked)

    def now(self) -> datetime:
        """The time that events carry."""
        return self._clock.now()

    def emit(self, event: Event) -> None:
        """Durable before folded, folded before shown. Raises ``Stopped`` after a signal,
        ``StorageFailed`` where the disk fails."""
        event = self._masked(event)
        with self._lock:
            if self.stop.is_set() and not isinstance(event, (Wrote, Closed)):
                raise Stopped
            if isinstance(event, Tick):
                self._show(event)
                return
            events = (*self._held, event)
            self._held.clear()
            self._journal.append(*events)
            self.state.seen(event)
            self._show(*events)

    def flush(self) -> None:
        """Stores and shows what was held back for the next event. Raises as ``emit``."""
        with self._lock:
            events = tuple(self._held)
            self._held.clear()
            if events:
                self._journal.append(*events)
                self._show(*events)

    def _hold(self, event: Event) -> None:
        """Folds an event that will be stored with the next one. Raises ``Stopped``."""
        event = self._masked(event)
        with self._lock:
            if self.stop.is_set():
                raise Stopped
            self._held.append(event)
            self.state.seen(event)

    def _show(self, *events: Event) -> None:
        for event in events:
            for listener in self._listeners:
                listener(event)

    @contextmanager
    def turn_of(self, entry: Entry) -> Iterator[None]:
        """What is said of this thread meanwhile is said of the entry."""
        token = ON_TURN.set(entry.name)
        try:
            yield
        finally:
            ON_TURN.reset(token)

    def say_on_turn(self, text: str) -> bool:
        """Shows something as the newest fact of the entry whose turn this thread does; false where
        it does none's."""
        entry = ON_TURN.get()
        if entry:
            self.emit(Tick(at=self.now(), run=self.run, entry=entry, text=text))
        return bool(entry)

    def sayer(self, entry: Entry) -> "Sayer":
        """The ``say`` of a turn."""
        return Sayer(self, entry.name)

    def started(self, at: Situation, attempt: int) -> None:
        """An entry's ``make`` begins."""
        name = at.entry.name
        now = self.now()
        self._began[name] = now
        self.emit(
            Started(
                at=now,
                run=self.run,
                entry=name,
                fingerprint=at.fingerprint,
                round=at.memory.round,
                attempt=attempt,
            )
        )

    def looked(self, *entries: str) -> None:
        """These standing entries were looked at, and are as they were recorded."""
        if entries:
            self._hold(Looked(at=self.now(), run=self.run, entries=entries))

    def recorded(
        self, at: Situation, product: Value, judgement: Judgement, by: Literal["make", "look"]
    ) -> None:
        """An entry came to a product."""
        is_alone = len(self.plan.groups[at.entry.group]) == 1
        self._record(
            at,
            # what somebody has to see is not held back
            self._hold if is_alone and judgement.passes else self.emit,
            by=by,
            product=product.model_dump(mode="json"),
            product_schema=type(product).SCHEMA,
            checks=judgement.checks,
            status=judgement.status,
        )

    def absent(self, at: Situation, absent: Absent) -> None:
        """An entry came to an absence; one that was only handed on, and is the same as before, is
        not recorded twice."""
        record = self.state.of(at.entry.name).record
        is_same = (
            record is not None and record.absent == absent and record.fingerprint == at.fingerprint
        )
        if not is_same or at.entry.name in self._began:
            self._record(at, self.emit, by="make", absent=absent, status=Status(absent.kind))

    def _record(self, at: Situation, say: Callable[[Event], None], **result: Any) -> None:
        name = at.entry.name
        now = self.now()
        began = self._began.pop(name, now)
        say(
            Recorded(
                at=now,
                run=self.run,
                entry=name,
                step=at.entry.step.name,
                fingerprint=at.fingerprint,
                round=at.memory.round,
                duration_s=(now - began).total_seconds(),
                members=at.members,
                **result,
            )
        )

    def waited(self, at: Situation, waiting: Waiting) -> None:
        """An entry waits."""
        self.emit(
            Waited(
                at=self.now(),
                run=self.run,
                entry=at.entry.name,
                fingerprint=at.fingerprint,
                round=at.memory.round,
                waiting=waiting,
            )
        )

    def sent_back(self, entry: Entry, send_back: SendBack) -> int:
        """A new round for every entry from the target to the sender; answers the round's number."""
        round_ = self.state.of(send_back.to).round + 1
        names = tuple(one.name for one in self.plan.between(send_back.to, entry.name))
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

    def failed(self, at: Situation, error: DevflowError) -> None:
        """An entry raised an error that has a name."""
        self._broke(
            at,
            status=Status.REJECTED if isinstance(error, Rejected) else Status.FAILED,
            exit_code=error.exit_code,
            message=error.message,
            hint=error.hint,
            where=error.where,
        )

    def crashed(self, at: Situation, message: str, trace: str) -> None:
        """An entry raised anything else: a mistake of the step's own."""
        self._broke(
            at,
            status=Status.CRASHED,
            exit_code=StepFailed.exit_code,
            message=message,
            trace=trace,
        )

    def _broke(self, at: Situation, **cause: Any) -> None:
        name = at.entry.name
        self._began.pop(name, None)
        fingerprint = at.fingerprint
        self.emit(Broke(at=self.now(), run=self.run, entry=name, fingerprint=fingerprint, **cause))

    def writes(self, at: Situation, attempt: int) -> "EntryWrites":
        """Where an entry's recording proxy tells of its writes."""
        return EntryWrites(self, at, attempt)

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
            return self._idle.wait_for(self._is_idle, timeout_s)

    def _is_idle(self) -> bool:
        return self._writing == 0


class Sayer:
    """The ``say`` of one entry's turn: its newest fact, shown and never stored."""

    def __init__(self, ledger: Ledger, entry: str) -> None:
        self._ledger = ledger
        self._entry = entry

    def __call__(
        self,
        text: str,
        done: int | None = None,
        total: int | None = None,
        *,
        canary: Canary | None = None,
    ) -> None:
        tick = Tick(
            at=self._ledger.now(),
            run=self._ledger.run,
            entry=self._entry,
            text=text,
            done=done,
            total=total,
            canary=canary,
        )
        self._ledger.emit(tick)


class EntryWrites:
    """One attempt's writes, as events."""

    def __init__(self, ledger: Ledger, at: Situation, attempt: int) -> None:
        self._ledger = ledger
        self._entry = at.entry.name
        self._fingerprint = at.fingerprint
        self._attempt = attempt

    @contextmanager
    def write(self, call: WriteCall) -> Iterator[None]:
        """Intent, durable before the effect; wrote, when it has returned."""
        ledger = self._ledger
        intent = Intent(
            at=ledger.now(),
            run=ledger.run,
            entry=self._entry,
            fingerprint=self._fingerprint,
            attempt=self._attempt,
            port=call.port,
            verb=call.verb,
            target=call.target,
            key=call.key,
            repeatable=call.repeatable,
        )
        ledger.emit(intent)
        with ledger.write_under_way():
            yield
            wrote = Wrote(at=ledger.now(), run=ledger.run, entry=self._entry, key=call.key)
            ledger.emit(wrote)

    def doubtful(self, call: WriteCall) -> None:
        """The outcome of a write that cannot be repeated is unknown."""
        doubtful = Doubtful(
            at=self._ledger.now(),
            run=self._ledger.run,
            entry=self._entry,
            port=call.port,
            verb=call.verb,
            target=call.target,
            key=call.key,
        )
        self._ledger.emit(doubtful)
