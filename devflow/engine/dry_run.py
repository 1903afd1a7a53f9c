"""The dry run: the same plan, with nothing but the reading half of the world.

It looks while an entry's needs are real and foresees after; what could not be foreseen is listed
with its reason, never guessed.
"""

from dataclasses import dataclass
from typing import Any, Literal

from devflow.engine.fold import RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.stand_in import StandIn
from devflow.engine.standing import Needs, handed, stands, verdict
from devflow.model.checks import Status
from devflow.model.errors import DevflowError
from devflow.model.outcomes import Absent, Write
from devflow.step import See, Turn

Known = Literal["stands", "to do", "not foreseen"]


@dataclass(frozen=True)
class Foresight:
    """What a dry run says of one entry: ``why`` gives the reason where something could not be
    foreseen, or what was missing last time."""

    entry: Entry
    state: Known
    writes: tuple[Write, ...] = ()
    why: str = ""


class DryRun:
    """Walks the plan once; ``state`` is what the journal says, which is not changed."""

    def __init__(self, plan: Plan, see: See, state: RunState, run: str) -> None:
        self._plan, self._see, self._state, self._run = plan, see, state, run
        self._needs = Needs(plan)
        self._products: dict[str, Any] = {}

    def foresee(self) -> tuple[Foresight, ...]:
        """Every entry, in order. Raises what a ``look`` raises of the world (an unknown ticket,
        wrong credentials)."""
        return tuple(self._one(entry) for entry in self._plan.entries)

    def _one(self, entry: Entry) -> Foresight:
        gathered = self._gather(entry)
        if isinstance(gathered, Absent):
            self._products[entry.name] = gathered
            return Foresight(entry, "to do", why=gathered.why)
        real = not any(isinstance(value, StandIn) for value in gathered.values())
        memory = self._state.of(entry.name)
        if real and stands(entry, memory, self._needs.fingerprint(entry, gathered, memory.round)):
            self._products[entry.name] = handed(entry, memory)
            return Foresight(entry, "stands")
        if real and not memory.meant and self._found(entry, gathered):
            return Foresight(entry, "stands")
        return self._ahead(entry, gathered)

    def _gather(self, entry: Entry) -> dict[str, Any] | Absent:
        found: dict[str, Any] = {}
        for need in entry.needs:
            value = (
                self._products[need.entry]
                if need.entry
                else Absent(kind="skipped", why="not in the pipeline")
            )
            if isinstance(value, Absent) and not need.takes_absent:
                return Absent(kind=value.kind, why=f"{need.entry}: {value.why}")
            found[need.field] = value
        return found

    def _found(self, entry: Entry, gathered: dict[str, Any]) -> bool:
        if entry.step.look is None:
            return False
        memory = self._state.of(entry.name)
        turn = Turn(self._run, entry.name, memory.round, memory.sent_back, memory.kept)
        product = entry.step.look(self._see, turn, entry.params, self._needs.built(entry, gathered))
        if product is None or verdict(entry, product)[0] is not Status.PASSED:
            return False
        self._products[entry.name] = product
        return True

    def _ahead(self, entry: Entry, gathered: dict[str, Any]) -> Foresight:
        last = handed(entry, self._state.of(entry.name))
        missing = (
            last if isinstance(last, Absent) and last.kind in ("unavailable", "deferred") else None
        )
        self._products[entry.name] = missing or StandIn(entry.name)
        if missing:
            return Foresight(entry, "to do", why=f"{missing.kind} last time: {missing.why}")
        try:
            foreseen = entry.step.foresee(entry.params, self._needs.built(entry, gathered))
        except DevflowError as error:
            return Foresight(entry, "not foreseen", why=error.message)
        except (
            Exception
        ) as error:  # Unforeseen, or whatever else a step meets among stand-ins: said, not guessed
            return Foresight(entry, "not foreseen", why=str(error))
        self._products[entry.name] = StandIn(entry.name, foreseen.known)
        return Foresight(entry, "to do", foreseen.writes)
