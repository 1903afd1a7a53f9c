"""The dry run: the same plan, with nothing but the reading half of the world.

It looks while an entry's needs are real and foresees after; what could not be foreseen is listed
with its reason, never guessed.
"""

from dataclasses import dataclass
from typing import Any, Iterable, Literal, Mapping

from devflow.engine.fold import RunState
from devflow.engine.plan import PROJECT, Entry, Plan
from devflow.engine.stand_in import StandIn
from devflow.engine.standing import Situation, Sources, handed_on, situation
from devflow.model.errors import DevflowError
from devflow.model.outcomes import Absent, Foreseen, TakenUp, Write
from devflow.model.tree import FixesTree
from devflow.model.values import Value
from devflow.step import See, silent

Known = Literal["stands", "to do", "not foreseen"]


@dataclass(frozen=True)
class Foresight:
    """What a dry run says of one entry: the files that it ``takes`` up, and ``why`` gives the
    reason where something could not be foreseen, or what was missing last time; ``hint`` is what to
    type or change about it."""

    entry: Entry
    state: Known
    writes: tuple[Write, ...] = ()
    why: str = ""
    takes: tuple[TakenUp, ...] = ()
    hint: str = ""


class DryRun:
    """Walks the plan once; ``state`` is what the journal says, which is not changed."""

    def __init__(self, plan: Plan, see: See, state: RunState, run: str) -> None:
        self._plan = plan
        self._see = see
        self._state = state
        self._run = run
        # what each entry hands on, or a stand-in for what does not exist yet
        self._products: dict[str, Any] = {}

    def foresee(self) -> tuple[Foresight, ...]:
        """Every entry, in order. Raises what a ``look`` raises of the world (an unknown ticket,
        wrong credentials)."""
        return tuple(self._foresight(entry) for entry in self._plan.entries)

    def _foresight(self, entry: Entry) -> Foresight:
        sources = Sources(self._plan, self._state.of, self._product_of, self._see.repository)
        at = situation(entry, sources)
        if isinstance(at.gathered, Absent):
            self._products[entry.name] = at.gathered
            return Foresight(entry, "to do", why=at.gathered.why)
        if not _has_stand_in(at.gathered) and self._is_done(at):
            return Foresight(entry, "stands")
        return self._ahead(at)

    def _is_done(self, at: Situation) -> bool:
        name = at.entry.name
        if at.stands:
            self._products[name] = self._settled_now(at) or handed_on(at.entry, at.memory)
            return True
        product = None if at.memory.intents else self._look(at)
        if product is None or not at.judge(product).passes:
            return False
        self._products[name] = product
        return True

    def _product_of(self, name: str) -> Any:
        """What is ahead hands on what the journal has of it."""
        if name in self._products:
            return self._products[name]
        return handed_on(self._plan.by_name[name], self._state.of(name))

    def _settled_now(self, at: Situation) -> Value | None:
        """What a standing entry that settles a tree would be replaced by, as a run looks at it."""
        if not issubclass(at.entry.step.makes, FixesTree):
            return None
        seen = self._look(at)
        if seen is None or at.is_confirmed_by(seen):
            return None
        return seen if at.judge(seen).passes else None

    def _look(self, at: Situation) -> Value | None:
        look = at.entry.step.look
        if look is None:
            return None
        turn = at.turn(self._run, self._plan.phase_of, silent)
        product: Value | None = look(self._see, turn, at.entry.params, at.needs)
        return product

    def _ahead(self, at: Situation) -> Foresight:
        entry = at.entry
        last = handed_on(entry, at.memory)
        if isinstance(last, Absent) and last.kind in ("unavailable", "deferred"):
            self._products[entry.name] = last
            return Foresight(entry, "to do", why=f"{last.kind} last time: {last.why}")
        self._products[entry.name] = StandIn(entry.name)
        try:
            foreseen = self._foreseen(at)
        except DevflowError as error:
            return Foresight(entry, "not foreseen", why=error.message, hint=error.hint)
        except Exception as error:  # whatever a step meets among stand-ins: told, not guessed
            return Foresight(entry, "not foreseen", why=str(error))
        self._products[entry.name] = StandIn(entry.name, foreseen.known)
        return Foresight(entry, "to do", foreseen.writes, takes=foreseen.takes)

    def _foreseen(self, at: Situation) -> Foreseen:
        entry = at.entry
        if entry.step.foresee_here is None:
            return entry.step.foresee(entry.params, at.needs)
        turn = at.turn(self._run, self._plan.phase_of, silent)
        return entry.step.foresee_here(self._see, turn, entry.params, at.needs)


def _has_stand_in(gathered: Mapping[str, Any] | None) -> bool:
    """Whether a need, or a member of one that collects, does not exist yet."""
    for name, need in (gathered or {}).items():
        members: Iterable[Any] = need.values() if isinstance(need, dict) else (need,)
        if name != PROJECT and any(isinstance(member, StandIn) for member in members):
            return True
    return False
