"""Which entries of a run wait, and since when."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Collection, Mapping

from devflow.model.events import (
    Broke,
    Damaged,
    Event,
    Opened,
    Recorded,
    SentBack,
    Started,
    Waited,
)


@dataclass(frozen=True)
class OpenWait:
    """Since when an entry waits, and for whom."""

    since: datetime
    for_: str


@dataclass(frozen=True)
class Waits:
    """The entries that wait just now.

    One waits from when it said so until it is taken up again: it begins, comes to something or is
    sent back. It is taken up as well where a later command begins with an entry before it: what
    was waited for is of what is made anew from then on. ``places`` are those of the entries in the
    plan, ``earlier`` those that waited before the newest command.
    """

    open: Mapping[str, OpenWait] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    earlier: frozenset[str] = frozenset()

    def after(self, event: Event) -> "Waits":
        """Who waits once this event has been heard."""
        match event:
            case Opened():
                places = {name: place for place, name in enumerate(event.entries)}
                return replace(self, places=places, earlier=frozenset(self.open))
            case Waited():
                wait = OpenWait(event.at, event.waiting.for_)
                others = self._without(self._behind(event.entry))
                # the event is repeated while the entry waits: the wait began with the first
                return replace(others, open={event.entry: wait, **others.open})
            case Started():
                return self._without({event.entry, *self._behind(event.entry)})
            case Recorded() | Broke():
                return self._without({event.entry})
            case SentBack():
                return self._without({event.entry, *event.entries})
            case Damaged() if event.is_gap:
                # anything may have followed in it
                return self._without(self.open)
        return self

    def _without(self, names: Collection[str]) -> "Waits":
        left = {name: wait for name, wait in self.open.items() if name not in names}
        return replace(self, open=left) if len(left) < len(self.open) else self

    def _behind(self, entry: str) -> set[str]:
        """Those that waited before the newest command, behind an entry of it."""
        place = self.places.get(entry, len(self.places))
        waiting = self.earlier.intersection(self.open)
        return {name for name in waiting if self.places.get(name, -1) > place}
