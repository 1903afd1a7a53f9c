"""What steps may ask of time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time with its zone, and waiting that a signal can end."""

    def now(self) -> datetime:
        """The time now, with a zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...
