"""One entry's turn: does it stand, can it be found done, else make it; then judge.

Everything an entry can come to is an ``Outcome``; the runner decides what happens next from it, and
from nothing else.
"""

import traceback
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from devflow.engine.fingerprint import same
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.plan import Entry
from devflow.engine.proxies import Occasion, reading, recording
from devflow.engine.standing import product_of, stands, verdict
from devflow.model.checks import Status, why
from devflow.model.errors import DevflowError, Rejected, StepFailed, StorageFailed, Unavailable
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value
from devflow.step import Tools, Turn


class Weight(IntEnum):
    """How siblings of a group are judged together: the heaviest decides."""

    DONE = 0
    WAITING = 1
    UNAVAILABLE = 2
    REJECTED = 3
    FAILED = 4
    CRASHED = 5
    SENT_BACK = 6


@dataclass(frozen=True)
class Outcome:
    """What an entry came to in this turn; ``exit_code`` is what the command ends with if nothing
    heavier happens."""

    entry: str
    weight: Weight
    exit_code: int = 0
    why: str = ""
    send_back: SendBack | None = None
    deferred: bool = False


class Attempts:
    """Gives entries their turns."""

    def __init__(self, tools: Tools, ledger: Ledger) -> None:
        self._tools, self._ledger = tools, ledger
        self._see = reading(tools)

    def turn(self, entry: Entry) -> Outcome:
        """One whole turn. Whatever a step raises becomes an outcome; what the journal raises does
        not."""
        made_from = ""
        try:
            gathered = self._ledger.needs.gather(entry, self._ledger.state)
            if gathered is None:
                raise StepFailed("a need of it has not been made", hint="devflow status")
            memory = self._ledger.state.of(entry.name)
            if isinstance(gathered, Absent):
                return self._absent(
                    entry,
                    self._ledger.needs.fingerprint(entry, {"absent": gathered}, memory.round),
                    gathered,
                )
            made_from = self._ledger.needs.fingerprint(entry, gathered, memory.round)
            if stands(entry, memory, made_from):
                return Outcome(entry.name, Weight.DONE)
            return self._found(entry, made_from, gathered) or self._made(entry, made_from, gathered)
        except (Stopped, StorageFailed):
            raise
        except DevflowError as error:
            return self._broke(entry, made_from, error)
        except Exception as error:  # a step's own mistake: recorded with its trace, and made again
            said = f"{type(error).__name__}: {error}"
            self._ledger.broke(
                entry, made_from, (Status.CRASHED, 1, said), trace=traceback.format_exc()
            )
            return Outcome(entry.name, Weight.CRASHED, 1, said)

    def look_again(self, entry: Entry) -> Value | None:
        """What a standing entry's ``look`` says now; ``None`` where it has none or cannot tell."""
        gathered = self._ledger.needs.gather(entry, self._ledger.state)
        if entry.step.look is None or not isinstance(gathered, dict):
            return None
        return self._look(entry, gathered)

    def _look(self, entry: Entry, gathered: dict[str, Any]) -> Value | None:
        if entry.step.look is None:
            return None
        found: Value | None = entry.step.look(
            self._see, self._turn_of(entry), entry.params, self._ledger.needs.built(entry, gathered)
        )
        return found

    def _turn_of(self, entry: Entry) -> Turn:
        memory = self._ledger.state.of(entry.name)
        say = self._ledger.sayer(entry)
        return Turn(self._ledger.run, entry.name, memory.round, memory.sent_back, memory.kept, say)

    def _found(self, entry: Entry, made_from: str, gathered: dict[str, Any]) -> Outcome | None:
        """Adopts what ``look`` finds, if it passes, and only where this run has meant no write for
        the entry."""
        if self._ledger.state.of(entry.name).meant:
            return None
        product = self._look(entry, gathered)
        if product is None or verdict(entry, product)[0] is not Status.PASSED:
            return None
        return self._accept(entry, made_from, product, "look")

    def _made(self, entry: Entry, made_from: str, gathered: dict[str, Any]) -> Outcome:
        memory = self._ledger.state.of(entry.name)
        attempt = memory.attempt + 1
        self._ledger.started(entry, made_from, attempt)
        occasion = Occasion(self._ledger.run, entry.name, made_from, memory.round, attempt)
        tools = recording(
            self._tools, occasion, memory, self._ledger.writes(entry, made_from, attempt)
        )
        made = entry.step.make(
            tools, self._turn_of(entry), entry.params, self._ledger.needs.built(entry, gathered)
        )
        if made is None:
            made = self._look(entry, gathered)
            if made is None:
                raise StepFailed(
                    f"{entry.name} was done, but cannot be read back",
                    hint=f"devflow logs {entry.name}",
                )
        match made:
            case Absent():
                return self._absent(entry, made_from, made)
            case Waiting():
                return self._wait(entry, made_from, made)
            case SendBack():
                return Outcome(entry.name, Weight.SENT_BACK, 8, made.why, send_back=made)
            case _:
                return self._accept(entry, made_from, made, "make")

    def _accept(self, entry: Entry, made_from: str, product: Value, by: str) -> Outcome:
        memory = self._ledger.state.of(entry.name)
        if (
            memory.sent_back
            and memory.sent_back.to == entry.name
            and self._unchanged(entry, product)
        ):
            todo = "; ".join(memory.sent_back.todo) or memory.sent_back.why
            return self._wait(
                entry, made_from, Waiting(for_=f"your change: {todo}", type_next=("devflow ship",))
            )
        status, checks = verdict(entry, product)
        self._ledger.recorded(entry, made_from, product, (status, checks, by))
        match status:
            case Status.FAILED:
                return Outcome(entry.name, Weight.FAILED, 1, why(checks))
            case Status.UNAVAILABLE:
                return self._missing(entry, why(checks))
            case _:
                return Outcome(entry.name, Weight.DONE)

    def _unchanged(self, entry: Entry, product: Value) -> bool:
        """Whether a sent-back entry brings the very thing that was sent back, while the sender
        still does not pass it."""
        memory = self._ledger.state.of(entry.name)
        last = memory.last_round
        if (
            last is None
            or last.product is None
            or not same(product, entry.step.makes.model_validate(last.product))
        ):
            return False
        sender = self._ledger.entry(memory.sender)
        gathered = self._ledger.needs.gather(sender, self._ledger.state, last_round=True)
        seen = self._look(sender, gathered) if isinstance(gathered, dict) else None
        return seen is None or verdict(sender, seen)[0] is not Status.PASSED

    def _absent(self, entry: Entry, made_from: str, absent: Absent) -> Outcome:
        self._ledger.absent(entry, made_from, absent)
        match absent.kind:
            case "rejected":
                return Outcome(entry.name, Weight.REJECTED, Rejected.exit_code, absent.why)
            case "unavailable" | "unobserved":
                return self._missing(entry, absent.why)
            case "deferred":
                return Outcome(entry.name, Weight.DONE, why=absent.why, deferred=entry.deferred)
            case "skipped":
                return Outcome(entry.name, Weight.DONE)

    def _missing(self, entry: Entry, said: str) -> Outcome:
        if not entry.required:
            return Outcome(entry.name, Weight.DONE, why=said)
        return Outcome(entry.name, Weight.UNAVAILABLE, Unavailable.exit_code, said)

    def _wait(self, entry: Entry, made_from: str, waiting: Waiting) -> Outcome:
        self._ledger.waited(entry, made_from, waiting)
        if entry.deferred:
            return self._absent(entry, made_from, Absent(kind="deferred", why=waiting.for_))
        return Outcome(entry.name, Weight.WAITING, 8, waiting.for_)

    def _broke(self, entry: Entry, made_from: str, error: DevflowError) -> Outcome:
        if isinstance(error, Unavailable):
            why_ = f"{error.message}. {error.hint}" if error.hint else error.message
            return self._absent(entry, made_from, Absent(kind="unavailable", why=why_))
        self._ledger.broke(
            entry, made_from, (Status.FAILED, error.exit_code, error.message), error=error
        )
        return Outcome(entry.name, Weight.FAILED, error.exit_code, error.message)


def still_the_same(entry: Entry, ledger: Ledger, seen: Value) -> bool:
    """Whether a standing entry, looked at again, is what its record says and still passes.

    An absence stands while what is seen does not pass: it is only replaced by the thing that was
    absent.
    """
    recorded = product_of(entry, ledger.state.of(entry.name))
    passes = verdict(entry, seen)[0] is Status.PASSED
    if isinstance(recorded, Absent):
        return not passes
    return recorded is not None and same(recorded, seen) and passes
