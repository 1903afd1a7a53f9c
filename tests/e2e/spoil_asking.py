"""Asks one step what is so now, by the engine's own rule, with the real adapters; nothing is
written into the journal.

A standing entry whose ``look`` cannot tell keeps its record: here as in the engine, ``None`` is not
"not green".
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Sequence

from devflow.commands.place import Workspace, World
from devflow.engine.fingerprint import same
from devflow.engine.fold import RunState
from devflow.engine.plan import Entry
from devflow.engine.proxies import Meant, Occasion, reading, recording
from devflow.engine.standing import Needs, product_of, stands, verdict
from devflow.model.checks import Check, Status, why
from devflow.model.errors import DevflowError, Unavailable
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value
from devflow.step import Turn
from tests.e2e.checkout import KEY


@dataclass(frozen=True)
class Said:
    """What an entry comes to now. ``replaced``: its record would be, since what is seen is not what
    was recorded."""

    status: str
    why: str
    lines: tuple[Check, ...] = ()
    replaced: bool = False


class NoLog:
    """A write log that keeps nothing."""

    def write(self, meant: Meant) -> AbstractContextManager[None]:
        return nullcontext()

    def doubtful(self, meant: Meant) -> None:
        raise AssertionError(f"{meant.verb} was left in doubt")


class Asking:
    """The journal's state as it is held in memory, and the world."""

    def __init__(self, place: Workspace, world: World) -> None:
        self._tools, self._needs = world.tools, Needs(place.plan)
        self._state = RunState(place.journal.events(KEY))
        self._entries = {entry.name: entry for entry in place.plan.entries}

    def said(self, name: str, after: Sequence[str] = ()) -> Said:
        """What the entry comes to, once the entries ``after`` have been looked at again and taken
        up."""
        for upstream in after:
            self._take_up(upstream)
        entry = self._entries[name]
        gathered = self._needs.gather(entry, self._state)
        if not isinstance(gathered, dict):
            return (
                Said(gathered.kind, gathered.why)
                if gathered
                else Said("pending", "a need has not been made")
            )
        try:
            return self._read(entry, self._product(entry, gathered))
        except DevflowError as error:
            return Said(
                "unavailable" if isinstance(error, Unavailable) else "failed",
                f"{error.message} {error.hint}",
            )

    def _take_up(self, name: str) -> None:
        entry = self._entries[name]
        gathered, record = self._needs.gather(entry, self._state), self._state.of(name).record
        assert isinstance(gathered, dict) and record is not None, f"{name} has no record"
        seen = self._look(entry, gathered)
        assert seen is not None, f"{name} cannot be looked at"
        self._state.seen(
            record.model_copy(update={"product": seen.model_dump(mode="json"), "absent": None})
        )

    def _product(self, entry: Entry, gathered: dict[str, Any]) -> Any:
        memory = self._state.of(entry.name)
        made_from = self._needs.fingerprint(entry, gathered, memory.round)
        seen = self._look(entry, gathered)
        if entry.step.look is not None and stands(entry, memory, made_from):
            return product_of(entry, memory) if seen is None else seen
        if seen is not None and verdict(entry, seen)[0] is Status.PASSED:
            return seen
        tools = recording(
            self._tools,
            Occasion(KEY, entry.name, made_from, memory.round, memory.attempt + 1),
            memory,
            NoLog(),
        )
        made = entry.step.make(
            tools, self._turn(entry), entry.params, self._needs.built(entry, gathered)
        )
        return self._look(entry, gathered) if made is None else made

    def _look(self, entry: Entry, gathered: dict[str, Any]) -> Value | None:
        if entry.step.look is None:
            return None
        needs = self._needs.built(entry, gathered)
        found: Value | None = entry.step.look(
            reading(self._tools), self._turn(entry), entry.params, needs
        )
        return found

    def _turn(self, entry: Entry) -> Turn:
        return Turn(KEY, entry.name, self._state.of(entry.name).round)

    def _read(self, entry: Entry, product: Any) -> Said:
        match product:
            case None:
                return Said("failed", "cannot be read back")
            case Absent():
                return Said(product.kind, product.why)
            case Waiting():
                return Said("waiting", product.for_)
            case SendBack():
                return Said("sent back", f"{product.why} {' '.join(product.todo)}")
        status, checks = verdict(entry, product)
        recorded = product_of(entry, self._state.of(entry.name))
        replaced = recorded is None or isinstance(recorded, Absent) or not same(recorded, product)
        return Said(str(status), why(checks), checks, replaced)
