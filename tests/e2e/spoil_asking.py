"""Asks one step what is so now, by the engine's own rule, with the real adapters; nothing is
written into the journal.

A standing entry whose ``look`` cannot tell keeps its record: here as in the engine, ``None`` is not
"not green".
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Sequence

from devflow.engine.fingerprint import same
from devflow.engine.fold import RunState
from devflow.engine.proxies import Occasion, WriteCall, reading, recording
from devflow.engine.standing import RunProducts, Situation, Sources, situation
from devflow.model.checks import Check, why
from devflow.model.errors import DevflowError, Unavailable
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value
from devflow.step import Turn
from devflow.wiring.workspace import Workspace, World
from tests.e2e.checkout import KEY


@dataclass(frozen=True)
class Answer:
    """What an entry comes to now. ``replaced``: its record would be, since what is seen is not what
    was recorded."""

    status: str
    why: str
    lines: tuple[Check, ...] = ()
    replaced: bool = False


class NoLog:
    """A write log that keeps nothing."""

    def write(self, call: WriteCall) -> AbstractContextManager[None]:
        return nullcontext()

    def doubtful(self, call: WriteCall) -> None:
        raise AssertionError(f"{call.verb} was left in doubt")


class Asking:
    """The journal's state as it is held in memory, and the world."""

    def __init__(self, workspace: Workspace, world: World) -> None:
        self._tools = world.tools
        self._state = RunState(workspace.journal.events(KEY))
        self._plan = workspace.plan
        self._entries = workspace.plan.by_name

    def answer(self, name: str, after: Sequence[str] = ()) -> Answer:
        """What the entry comes to, once the entries ``after`` have been looked at again and taken
        up."""
        for upstream in after:
            self._take_up(upstream)
        at = self._situation(name)
        if at.gathered is None:
            return Answer("pending", "a need has not been made")
        if isinstance(at.gathered, Absent):
            return Answer(at.gathered.kind, at.gathered.why)
        try:
            return self._read(at, self._product(at))
        except DevflowError as error:
            status = "unavailable" if isinstance(error, Unavailable) else "failed"
            return Answer(status, f"{error.message} {error.hint}")

    def _situation(self, name: str) -> Situation:
        products = RunProducts(self._entries, self._state)
        sources = Sources(self._plan, self._state.of, products, self._tools.repository)
        return situation(self._entries[name], sources)

    def _take_up(self, name: str) -> None:
        at = self._situation(name)
        record = at.memory.record
        assert at.is_ready and record is not None, f"{name} has no record"
        now = self._look(at)
        assert now is not None, f"{name} cannot be looked at"
        product = now.model_dump(mode="json")
        self._state.seen(record.model_copy(update={"product": product, "absent": None}))

    def _product(self, at: Situation) -> Any:
        now = self._look(at)
        if at.entry.step.look is not None and at.stands:
            return at.product if now is None else now
        if now is not None and at.judge(now).passes:
            return now
        attempt = at.memory.attempt + 1
        occasion = Occasion(KEY, at.entry.name, at.fingerprint, at.memory.round, attempt)
        tools = recording(self._tools, occasion, at.memory, NoLog())
        product = at.entry.step.make(tools, self._turn(at), at.entry.params, at.needs)
        return self._look(at) if product is None else product

    def _look(self, at: Situation) -> Value | None:
        if at.entry.step.look is None:
            return None
        see = reading(self._tools)
        product: Value | None = at.entry.step.look(see, self._turn(at), at.entry.params, at.needs)
        return product

    def _turn(self, at: Situation) -> Turn:
        return Turn(KEY, at.entry.name, at.memory.round)

    def _read(self, at: Situation, product: Any) -> Answer:
        match product:
            case None:
                return Answer("failed", "cannot be read back")
            case Absent():
                return Answer(product.kind, product.why)
            case Waiting():
                return Answer("waiting", product.for_)
            case SendBack():
                return Answer("sent back", f"{product.why} {' '.join(product.todo)}")
        judgement = at.judge(product)
        recorded = at.product
        replaced = recorded is None or isinstance(recorded, Absent) or not same(recorded, product)
        reason = why(judgement.checks)
        return Answer(str(judgement.status), reason, judgement.checks, replaced)
