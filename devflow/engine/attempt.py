"""One entry's turn: does it stand, can it be found done, else make it; then judge.

Everything an entry can come to is an ``Outcome``; the runner decides what happens next from it, and
from nothing else.
"""

import traceback
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal, Sequence

from devflow.engine.behind import Behind
from devflow.engine.binding import bound
from devflow.engine.fingerprint import same
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.plan import Entry
from devflow.engine.proxies import Occasion, reading, recording
from devflow.engine.standing import (
    Judgement,
    RunProducts,
    Situation,
    Sources,
    situation,
)
from devflow.model.checks import Status, why
from devflow.model.command_line import command_line
from devflow.model.errors import (
    DevflowError,
    GateWaiting,
    MadeByNewer,
    Rejected,
    RolledBack,
    StepFailed,
    StorageFailed,
    Unavailable,
    as_no_room,
)
from devflow.model.events import Broke
from devflow.model.outcomes import Absent, Moved, SendBack, TakenBack, Waiting
from devflow.model.products import read_product
from devflow.model.tree import WORKING_TREE, FixesTree, Tree
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
        self._tools = tools
        self._ledger = ledger
        self._see = reading(tools)
        self._behind = Behind(ledger.plan)
        # what a person wants begun anew, once
        self._again = {entry.name for entry in ledger.plan.entries if entry.again}

    def turn(self, entry: Entry) -> Outcome:
        """One whole turn. Whatever a step raises becomes an outcome; what the journal raises
        (``Stopped``, ``StorageFailed``), a full disk, and what a newer devflow made, does not."""
        at = Situation(entry, self._ledger.state.of(entry.name))
        try:
            with self._ledger.turn_of(entry):
                at = self.situation(entry)
                if at.stands and self._behind.take(entry.name):
                    at = self._seen_behind(at)
                return self._anew(at) or self._settled(at) or self._adopt(at) or self._make(at)
        except (Stopped, StorageFailed, MadeByNewer):
            raise
        except DevflowError as error:
            return self._broke(at, error)
        except OSError as error:
            full = as_no_room(error, "the disk")
            if full is not None:
                raise full from error
            return self._crashed(at, error)
        except Exception as error:  # a step's own mistake: recorded with its trace, and made again
            return self._crashed(at, error)

    def _seen_behind(self, at: Situation) -> Situation:
        """A standing entry behind one that was replaced, looked at once more."""
        entry = at.entry
        if self.confirm(entry, self._look(at)):
            self._ledger.looked(entry.name)
        return self.situation(entry)

    def _anew(self, at: Situation) -> Outcome | None:
        """What the entry comes to where a person wants it begun anew."""
        if not at.is_ready or at.entry.name not in self._again:
            return None
        outcome = self._make(at)
        self._again.discard(at.entry.name)
        return outcome

    def _crashed(self, at: Situation, error: Exception) -> Outcome:
        message = f"{type(error).__name__}: {error}"
        self._ledger.crashed(at, message, traceback.format_exc())
        return Outcome(at.entry.name, Weight.CRASHED, StepFailed.exit_code, message)

    def hand_over(self, group: Sequence[Entry]) -> None:
        """Whose turn it is takes the place of what broke when it was theirs before."""
        for entry in group:
            at = self.situation(entry)
            if entry.step.hands_over and isinstance(at.memory.trouble, Broke):
                developer = Waiting(for_="the developer", type_next=(command_line("ship"),))
                self._ledger.waited(at, developer)

    def look_again(self, entry: Entry) -> Value | DevflowError | None:
        """What a standing entry's ``look`` says now; ``None`` where it has none or cannot tell, the
        error where it fails."""
        at = self.situation(entry)
        try:
            return self._look(at) if at.is_ready else None
        except DevflowError as error:
            return error

    def unseen(self, entry: Entry, error: DevflowError) -> Outcome:
        """What a standing entry comes to that could not be looked at."""
        at = self.situation(entry)
        # what it is made from was replaced a moment ago: it is asked again in its turn
        return self._broke(at, error) if at.is_ready else Outcome(entry.name, Weight.DONE)

    def confirm(self, entry: Entry, seen: Value | None) -> bool:
        """Whether what was seen of a standing entry is what was recorded of it; anything else
        replaces the record, and so does the same thing that others have moved on. ``None``, which
        cannot tell, changes nothing."""
        # what was recorded a moment ago of an earlier entry may have changed its needs
        at = self.situation(entry)
        if seen is None or not at.is_ready:
            return False
        if at.is_confirmed_by(seen):
            if not _has_moved(at, seen):
                return True
        else:
            self._behind.replaced(entry.name)
        self._ledger.recorded(at, seen, at.judge(seen), "look")
        return False

    def situation(self, entry: Entry, *, last_round: bool = False) -> Situation:
        """The entry as the run stands now."""
        ledger = self._ledger
        products = RunProducts(ledger.plan.by_name, ledger.state, last_round=last_round)
        repository = self._see.repository
        return situation(entry, Sources(ledger.plan, ledger.state.of, products, repository))

    def _settled(self, at: Situation) -> Outcome | None:
        """What the entry comes to without being looked at: it stands, or a need is absent."""
        if at.gathered is None:
            raise StepFailed("a need of it has not been made", hint=command_line("status"))
        if isinstance(at.gathered, Absent):
            return self._absent(at, at.gathered)
        if at.stands:
            return Outcome(at.entry.name, Weight.DONE)
        return None

    def _adopt(self, at: Situation) -> Outcome | None:
        """Takes what ``look`` finds, if it passes, and only where this run has meant no write for
        the entry: a crash between two writes would lose the second."""
        if at.memory.intents:
            return None
        product = self._look(at)
        if product is None or not at.judge(product).passes:
            return None
        return self._accept(at, product, "look")

    def _look(self, at: Situation) -> Value | None:
        step = at.entry.step
        if step.look is None:
            return None
        self._ledger.flush()
        product: Value | None = step.look(self._see, self._turn(at), at.entry.params, at.needs)
        return None if product is None else self._ledger.without_secrets(product)

    def _turn(self, at: Situation) -> Turn:
        ledger = self._ledger
        turn = at.turn(ledger.run, ledger.plan.phase_of, ledger.sayer(at.entry))
        return replace(turn, again=True) if at.entry.name in self._again else turn

    def _make(self, at: Situation) -> Outcome:
        attempt = at.memory.attempt + 1
        self._ledger.started(at, attempt)
        occasion = Occasion(
            run=self._ledger.run,
            entry=at.entry.name,
            fingerprint=at.fingerprint,
            round=at.memory.round,
            attempt=attempt,
        )
        tools = recording(self._tools, occasion, at.memory, self._ledger.writes(at, attempt))
        tools = bound(tools, at)
        made = at.entry.step.make(tools, self._turn(at), at.entry.params, at.needs)
        match made:
            case None:
                return self._accept(at, self._read_back(at), "make")
            case Absent():
                return self._absent(at, made)
            case Waiting():
                return self._wait(at, made)
            case SendBack():
                code = GateWaiting.exit_code
                return Outcome(at.entry.name, Weight.SENT_BACK, code, made.why, send_back=made)
            case _:
                return self._accept(at, self._ledger.without_secrets(made), "make")

    def _read_back(self, at: Situation) -> Value:
        product = self._look(at)
        if product is None:
            problem = f"{at.entry.name} was done, but cannot be read back"
            raise StepFailed(problem, hint=f"{command_line('ship')} looks again")
        return product

    def _accept(self, at: Situation, product: Value, by: Literal["make", "look"]) -> Outcome:
        sent_back = at.memory.sent_back
        if sent_back and sent_back.to == at.entry.name and self._is_unchanged(at, product):
            todo = "; ".join(sent_back.todo) or sent_back.why
            wanted = f"your change: {todo}{_instead_of(product)}"
            return self._wait(at, Waiting(for_=wanted, type_next=(command_line("ship"),)))
        judgement = at.judge(product)
        if not _is_as_recorded(at, product, judgement):
            self._behind.replaced(at.entry.name)
        self._ledger.recorded(at, product, judgement, by)
        is_taken_back = isinstance(product, TakenBack) and product.is_taken_back
        code = RolledBack.exit_code if is_taken_back else StepFailed.exit_code
        return self._judged(at.entry, judgement, code)

    def _judged(self, entry: Entry, judgement: Judgement, failed_code: int) -> Outcome:
        match judgement.status:
            case Status.FAILED:
                reason = why(judgement.checks)
                return Outcome(entry.name, Weight.FAILED, failed_code, reason)
            case Status.UNAVAILABLE:
                return self._missing(entry, why(judgement.checks))
            case _:
                return Outcome(entry.name, Weight.DONE)

    def _is_unchanged(self, at: Situation, product: Value) -> bool:
        """Whether a sent-back entry brings the very thing that was sent back, while the sender
        still does not pass it."""
        last = at.memory.last_round
        if last is None or last.product is None:
            return False
        if not same(product, read_product(type(product), last.product, last.product_schema)):
            return False
        sender = self.situation(self._ledger.plan.by_name[at.memory.sender], last_round=True)
        seen = self._look(sender) if sender.is_ready else None
        return seen is None or not sender.judge(seen).passes

    def _absent(self, at: Situation, absent: Absent) -> Outcome:
        name = at.entry.name
        known = at.product
        if not isinstance(known, Absent) or known.kind != absent.kind:
            self._behind.replaced(name)
        self._ledger.absent(at, absent)
        match absent.kind:
            case "rejected":
                return Outcome(name, Weight.REJECTED, Rejected.exit_code, absent.why)
            case "unavailable" | "unobserved":
                return self._missing(at.entry, absent.why)
            case "deferred":
                return Outcome(name, Weight.DONE, why=absent.why, deferred=at.entry.deferred)
            case "skipped":
                return Outcome(name, Weight.DONE)

    def _missing(self, entry: Entry, reason: str) -> Outcome:
        if not entry.required:
            return Outcome(entry.name, Weight.DONE, why=reason)
        return Outcome(entry.name, Weight.UNAVAILABLE, Unavailable.exit_code, reason)

    def _wait(self, at: Situation, waiting: Waiting) -> Outcome:
        self._ledger.waited(at, waiting)
        if at.entry.deferred:
            return self._absent(at, Absent(kind="deferred", why=waiting.for_))
        return Outcome(at.entry.name, Weight.WAITING, GateWaiting.exit_code, waiting.for_)

    def _broke(self, at: Situation, error: DevflowError) -> Outcome:
        if isinstance(error, Unavailable):
            reason = f"{error.message}. {error.hint}" if error.hint else error.message
            return self._absent(at, Absent(kind="unavailable", why=reason))
        self._ledger.failed(at, error)
        weight = Weight.REJECTED if isinstance(error, Rejected) else Weight.FAILED
        return Outcome(at.entry.name, weight, error.exit_code, error.message)


def _instead_of(product: Value) -> str:
    """What is there instead, where it is not what its developer works on: merged, or pushed."""
    settled = product.settled if isinstance(product, FixesTree) else None
    if not isinstance(settled, Tree) or settled.read_from == WORKING_TREE:
        return ""
    return f" (what is there is {settled.read_from})"


def _has_moved(at: Situation, seen: Value) -> bool:
    """Whether others have moved on what was recorded."""
    known = at.product
    return isinstance(seen, Moved) and isinstance(known, Moved) and seen.standing != known.standing


def _is_as_recorded(at: Situation, product: Value, judgement: Judgement) -> bool:
    """Whether the entry came to the same before, and was judged alike."""
    record = at.memory.record
    if record is None or record.status is not judgement.status:
        return False
    known = at.product
    return known is not None and not isinstance(known, Absent) and same(known, product)
