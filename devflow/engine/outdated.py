"""What a run remembers and is not of now any more, by the journal alone.

It is the one rule that says what is done, asked of every entry in order without looking at
anything: what an outdated entry made is handed on to nobody, so what was made from it is outdated
too.
"""

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from devflow.engine.fold import Memory, RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.standing import Situation, Sources, handed_on, situation
from devflow.model.checks import Status
from devflow.model.errors import MadeByNewer


def outdated(plan: Plan, state: RunState) -> frozenset[str]:
    """The entries of which the run remembers something that they would not come to now: it was made
    from something that is another by now, or is no longer there, or it passes no more. Raises ``MadeByNewer``."""
    walk = _Walk(plan, state)
    return frozenset(entry.name for entry in plan.entries if not walk.is_of_now(entry))


class _Walk:
    """Goes through the plan once, in its order."""

    def __init__(self, plan: Plan, state: RunState) -> None:
        self._plan = plan
        self._state = state
        # what each entry hands on; None where it is outdated or has come to nothing
        self._products: dict[str, Any] = {}

    def is_of_now(self, entry: Entry) -> bool:
        """Whether what is remembered of the next entry is of now; nothing is never outdated."""
        memory = self._state.of(entry.name)
        self._products[entry.name] = None
        if memory.trouble is None and memory.record is None:
            return True
        try:
            is_of_now = any(self._holds(at) for at in self._situations(entry))
            if is_of_now and memory.trouble is None:
                self._products[entry.name] = handed_on(entry, memory)
        except MadeByNewer:
            raise
        except Exception:  # a step that cannot read what it made: only its own failure is of now
            return memory.trouble is not None
        return is_of_now

    def _situations(self, entry: Entry) -> Iterator[Situation]:
        """The entry as each command would find it."""
        work_tree = _RecordedTree(self._state.of(entry.name))
        sources = Sources(self._plan, self._state.of, self._products.get, work_tree)
        for way in entry.ways:
            yield situation(way, sources)

    def _holds(self, at: Situation) -> bool:
        if not (at.is_of_now or _is_untold(at)):
            return False
        # what was left in the checkout that they share is gone with those that left it
        if any(self._products[one.name] is None for one in at.entry.before):
            return False
        record = at.memory.record
        if at.memory.trouble is not None or record is None or record.status is not Status.PASSED:
            return True
        return at.passes


@dataclass(frozen=True)
class _RecordedTree:
    """The working tree that an entry was made from, where its product names it. The real one is not
    asked: it would cost a walk over every file."""

    memory: Memory

    def work_tree(self) -> str:
        """The tree's id; empty where the journal does not say."""
        record = self.memory.record
        if self.memory.trouble is not None or record is None or record.product is None:
            return ""
        return str(record.product.get("tree", ""))


def _is_untold(at: Situation) -> bool:
    """Whether the entry is bound to a working tree that the journal does not name."""
    bound = at.entry.tree
    if bound is None or bound.entry or not isinstance(at.gathered, Mapping):
        return False
    tree = at.gathered[bound.field]
    return bound.settled == "tree" and not tree.id
