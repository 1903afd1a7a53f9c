"""What a run remembers and is not of now any more, by the journal alone.

It is the one rule that says what is done, asked of every entry in order without looking at
anything: what an outdated entry made is handed on to nobody, so what was made from it is outdated
too.
"""

import heapq
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Mapping

from devflow.engine.fold import Memory, RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.readers import readers
from devflow.engine.standing import Situation, Sources, handed_on, situation
from devflow.model.checks import Status
from devflow.model.errors import MadeByNewer


def outdated(plan: Plan, state: RunState) -> frozenset[str]:
    """The entries of which the run remembers something that they would not come to now: it was made
    from something that is another by now, or is no longer there, or it passes no more. Raises
    ``MadeByNewer``."""
    return Outdated(plan, state).names


class Outdated:
    """The outdated entries of a run, kept up with its state: what is told of an entry is looked at
    again, and what was made from it, and nothing else."""

    def __init__(self, plan: Plan, state: RunState) -> None:
        self._plan = plan
        self._state = state
        self._places = {entry.name: place for place, entry in enumerate(plan.entries)}
        self._readers = readers(plan)
        # what each entry hands on; None where it is outdated or has come to nothing
        self._products: dict[str, Any] = {}
        self.names: frozenset[str] = frozenset()
        self._look(range(len(plan.entries)))

    def after(self, entries: Iterable[str]) -> None:
        """Takes in what the state was just told of these entries."""
        self._look([self._places[name] for name in entries if name in self._places])

    def _look(self, places: Iterable[int]) -> None:
        ahead = sorted(set(places))
        known = set(ahead)
        changed: dict[str, bool] = {}
        while ahead:
            entry = self._plan.entries[heapq.heappop(ahead)]
            before = self._products.get(entry.name)
            is_of_now = self._is_of_now(entry)
            if is_of_now is (entry.name in self.names):
                changed[entry.name] = is_of_now
            if before == self._products[entry.name]:
                continue
            for reader in self._readers.get(entry.name, ()):
                place = self._places[reader]
                if place not in known:
                    known.add(place)
                    heapq.heappush(ahead, place)
        if changed:
            fresh = {name for name, is_of_now in changed.items() if not is_of_now}
            self.names = (self.names - set(changed)) | fresh

    def _is_of_now(self, entry: Entry) -> bool:
        """Whether what is remembered of the entry is of now; nothing is never outdated."""
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
