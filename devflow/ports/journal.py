"""What the engine may ask of the place where a run is kept, and what steps may read of it."""

from typing import Protocol, Sequence

from devflow.model.events import Event
from devflow.model.summary import Summary


class History(Protocol):
    """The reading half, for steps (the retrospective, estimates) and screens."""

    def events(self, run: str) -> Sequence[Event]:
        """The run's events in the order they were appended, with a ``Damaged`` in place of what is
        not as it was written."""
        ...

    def runs(self) -> tuple[str, ...]:
        """Every run's key, the newest last."""
        ...


class Journal(History, Protocol):
    """The writing half, for the engine alone: durable when it returns. Raises ``StorageFailed``."""

    def append(self, *events: Event, summary: Summary | None = None) -> None:
        """Appends events of one run durably, all or none, and with them what one line says of it
        from now on; ``None`` where nobody knows."""
        ...


class OpenJournal(Journal, Protocol):
    """A journal that holds something open from its first append on."""

    def close(self) -> None:
        """Lets go of it, so that no other file stays beside the journal; the next call opens it
        again."""
        ...
