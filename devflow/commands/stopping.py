"""How a run is stopped: by a signal, or because nobody reads any more what it says. A write under
way is let finish, and the end is recorded."""

import signal
import threading
from contextlib import contextmanager
from types import FrameType
from typing import Final, Iterator

from devflow.engine.ledger import Ledger
from devflow.model.errors import StorageFailed
from devflow.model.events import Closed
from devflow.wiring.stdout import CLOSED, OutputLost
from devflow.wiring.workspace import World

DRAIN_S: Final = 1.5  # s that a write under way gets, of the 2 s a command may take to end
# Ctrl-C, `kill`, a closed terminal, Ctrl-\
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Stop:
    """Stops one run; the first cause is the one that it is ended for."""

    def __init__(self, ledger: Ledger, world: World) -> None:
        self._ledger = ledger
        self._world = world
        self._signals: list[int] = []
        self._lost: OutputLost | None = None

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Hears signals for the time of a block. One that was ignored from the start stays so:
        ``nohup`` wants it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {}
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._hear)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def by_lost_output(self, error: OutputLost) -> None:
        """Called by whoever shows, in any thread."""
        self._lost = error
        # the main thread hears it and does the rest
        self._ledger.stop.set()

    def close(self) -> int:
        """Ends what runs, waits for the write under way, and records the end; answers the exit
        code."""
        self._world.stop()
        self._ledger.drain(DRAIN_S)
        if self._lost is not None and not self._signals:
            code = StorageFailed.exit_code if self._lost.is_full else CLOSED
            return close(self._ledger, code, f"{self._lost.why}; the state is saved")
        number = self._signals[0] if self._signals else signal.SIGINT
        return close(self._ledger, 128 + number, "stopped by a signal; the state is saved")

    def raise_lost(self) -> None:
        """Raises ``OutputLost`` where that is what the command ends with."""
        if self._lost is not None and not self._signals:
            raise self._lost

    def _hear(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)
        self._ledger.stop.set()
        self._world.stop()


def close(ledger: Ledger, exit_code: int, why: str) -> int:
    """Records the command's end; answers its exit code."""
    ledger.emit(Closed(at=ledger.now(), run=ledger.run, exit_code=exit_code, why=why))
    return exit_code
