"""A clock that only a test, and who waits, move on."""

from datetime import datetime, timedelta, timezone
from typing import Final

NOW: Final = datetime(2026, 1, 5, 12, 0, tzinfo=timezone.utc)
"""When tests happen, unless they say otherwise: a Monday, at noon."""


class MemoryClock:
    """``at`` is now; waiting takes no time, moves it on, and is counted in ``slept_s``."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.slept_s = 0.0

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.at += timedelta(seconds=seconds)
