"""What the engine may ask so that one runner alone works on a ticket."""

from contextlib import AbstractContextManager
from typing import Protocol


class RunLock(Protocol):
    """Held by the kernel, so that a killed holder frees it at once."""

    def hold(self, run: str) -> AbstractContextManager[None]:
        """Holds the run's lock. Raises ``Locked`` naming the holder and since when."""
        ...

    def holder(self, run: str) -> str:
        """Who holds it now, empty where nobody does."""
        ...
