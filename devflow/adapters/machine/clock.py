"""Time as this machine tells it, and waiting that a signal can end."""

from datetime import datetime
from threading import Event


class SystemClock:
    """The wall clock with the machine's zone."""

    def __init__(self) -> None:
        self._stopped = Event()

    def now(self) -> datetime:
        """The time now, with a zone."""
        return datetime.now().astimezone()

    def sleep(self, seconds: float) -> None:
        """Waits, but not longer than until ``stop``."""
        self._stopped.wait(max(0.0, seconds))

    def stop(self) -> None:
        """Ends every wait of every thread, now and from now on; for the signal handler."""
        self._stopped.set()
